//! Another clock as a source of pulses: each of its ticks is one.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::source::PulseSource;
use crate::clock::{AnyClock, Clock, Subscriber, Subscription, monotonic};
use crate::time::{TimedTick, Timestamp};
use crate::{Error, Result};

/// Ticks that are left out if nobody takes them.
const WAITING: usize = 64;

/// The ticks of a clock as pulses, each at the instant at which it came.
pub struct ClockPulses {
    describe: String,
    pulses: Receiver<Timestamp>,
    /// Dropped first of the two: the ticks end before the clock does.
    _subscription: Subscription,
    _clock: AnyClock,
}

struct Sender(SyncSender<Timestamp>);

impl Subscriber for Sender {
    fn tick(&mut self, _: TimedTick) {
        // A clock waits for nobody.
        let _ = self.0.try_send(monotonic::now());
    }
}

impl ClockPulses {
    /// The ticks of `clock`, which is kept.
    ///
    /// # Errors
    ///
    /// Those of the clock's [`subscribe`](Clock::subscribe): a rate that cannot be.
    pub fn new(clock: &(impl Clock + Clone)) -> Result<Self> {
        let clock = AnyClock::new(clock.clone());
        let (sender, pulses) = sync_channel(WAITING);
        let mut subscription = clock.subscribe(vec![Box::new(Sender(sender))])?;
        subscription.start();
        Ok(Self {
            describe: format!("{} {}", clock.name(), clock.id()),
            pulses,
            _subscription: subscription,
            _clock: clock,
        })
    }
}

impl PulseSource for ClockPulses {
    fn next(&mut self, wait: Duration) -> Result<Option<Timestamp>> {
        match self.pulses.recv_timeout(wait) {
            Ok(pulse) => Ok(Some(pulse)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Error::EndOfStream),
        }
    }

    fn describe(&self) -> String {
        self.describe.clone()
    }
}
