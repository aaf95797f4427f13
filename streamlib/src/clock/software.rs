//! A clock on the operating system's monotonic time.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::broadcast::{Subscriber, Subscription};
use super::{Clock, ClockState, ClockStatus, Precision, Ticker, Timeline, monotonic};
use crate::Result;
use crate::time::{ClockId, IntoRate, Rate, Timestamp};

/// Ticks on absolute deadlines of the operating system's monotonic clock.
///
/// The deadline of tick n is the clock's start plus n periods, worked out from n: a late wake-up
/// delays one tick and none after it. When several deadlines have passed (the machine was asleep, the
/// process was stopped) the clock ticks once, with the number of the newest.
///
/// It runs on a thread of its own while it has subscribers. Its epoch is the epoch of the monotonic
/// clock; clones are the same clock.
///
/// ```
/// use streamlib::prelude::*;
///
/// let house = SoftwareClock::new(Rate::new(60_000, 1_001)?);
/// assert_eq!(house.rate().numerator(), 60_000);
/// # Ok::<(), streamlib::Error>(())
/// ```
#[derive(Clone)]
pub struct SoftwareClock(Ticker<Steady>);

/// Tick n is due n periods after tick 0, and tick 0 when it is first asked for.
struct Steady {
    rate: Rate,
    start: OnceLock<Timestamp>,
}

impl SoftwareClock {
    /// A clock that ticks at `rate` while it has subscribers. An invalid rate is an error of the
    /// graph that uses the clock.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let start = OnceLock::new();
        Self(Ticker::new(rate, Steady { rate, start }))
    }

    /// A clock of `fps` ticks a second.
    #[must_use]
    pub fn fps(fps: impl IntoRate) -> Self {
        Self::new(Rate::fps(fps))
    }

    /// Ticks as exactly as `precision` says: also its clones, from the next graph on that starts while none runs on it.
    #[must_use]
    pub fn precision(self, precision: Precision) -> Self {
        Self(self.0.precision(precision))
    }
}

impl Timeline for Steady {
    fn newest(&self, monotonic: Timestamp) -> Option<u64> {
        let start = *self.start.get()?;
        (monotonic >= start).then(|| self.rate.frame_at(monotonic - start))
    }

    fn due(&self, frame_number: u64) -> Option<Timestamp> {
        Some(self.timestamp(frame_number))
    }

    fn timestamp(&self, frame_number: u64) -> Timestamp {
        *self.start.get_or_init(monotonic::now) + self.rate.time_of(frame_number)
    }

    fn time(&self, monotonic: Timestamp) -> Timestamp {
        monotonic
    }

    fn status(&self) -> ClockStatus {
        ClockStatus::new(ClockState::FreeRunning, "")
    }
}

impl Clock for SoftwareClock {
    fn id(&self) -> ClockId {
        self.0.id()
    }

    fn name(&self) -> &str {
        "software"
    }

    fn rate(&self) -> Rate {
        self.0.rate()
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        self.0.subscribe(subscribers)
    }

    fn status(&self) -> ClockStatus {
        self.0.status()
    }

    fn timeline(&self) -> Option<Arc<dyn Timeline>> {
        Some(Arc::clone(self.0.timeline()) as Arc<dyn Timeline>)
    }
}

impl fmt::Debug for SoftwareClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareClock {} at {}", self.id(), self.rate())
    }
}
