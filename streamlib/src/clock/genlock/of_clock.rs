//! Another clock as a source of pulses: each of its ticks is one.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::source::PulseSource;
use crate::clock::{AnyClock, Clock, Subscriber, Subscription, Timeline, monotonic};
use crate::time::{TimedTick, Timestamp};
use crate::{Error, Result};

/// Ticks that are left out if nobody takes them.
const WAITING: usize = 64;
/// A tick comes so soon after it was due, or it was another one that was.
const NEAR: Duration = Duration::from_millis(500);

/// The ticks of a clock as pulses, each at the instant at which it was due: how late the machine wakes
/// the clock is no jitter of its time. A clock that cannot tell, for it has no
/// [`timeline`](Clock::timeline), has its pulses where its ticks came.
pub struct ClockPulses {
    describe: String,
    pulses: Receiver<Timestamp>,
    /// Dropped first of the two: the ticks end before the clock does.
    _subscription: Subscription,
    _clock: AnyClock,
}

struct Sender {
    pulses: SyncSender<Timestamp>,
    timeline: Option<Arc<dyn Timeline>>,
}

impl Subscriber for Sender {
    fn tick(&mut self, tick: TimedTick) {
        let now = monotonic::now();
        let due = self
            .timeline
            .as_ref()
            .and_then(|timeline| timeline.due(tick.frame_number))
            // After a step of its time, a clock's numbers are no longer those of its timeline.
            .filter(|due| now - *due < NEAR && *due - now < NEAR);
        // A clock waits for nobody.
        let _ = self.pulses.try_send(due.unwrap_or(now));
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
        let mut subscription = clock.subscribe(vec![Box::new(Sender {
            pulses: sender,
            timeline: clock.timeline(),
        })])?;
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
