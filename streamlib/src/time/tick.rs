//! The tick: the signal on which an actor works.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Timestamp;

/// Which clock a tick came from. The default one stands for no clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub struct ClockId(u32);

impl ClockId {
    /// An id that no other clock of this process has, for a clock that is being made.
    #[must_use]
    pub fn new_unique() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        // Relaxed: only the count has to be unique; it guards no other memory.
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) const fn from_u32(number: u32) -> Self {
        Self(number)
    }

    /// The bare number: 0 for no clock.
    #[must_use]
    pub const fn as_u32(self) -> u32 {
        self.0
    }
}

/// `clock 3`, or `no clock`.
impl fmt::Display for ClockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("no clock"),
            id => write!(f, "clock {id}"),
        }
    }
}

/// The signal on which an actor works: never data, always a time.
///
/// It travels with what is published on it: an actor that is fed by another is given the same tick.
///
/// ```
/// use streamlib::time::{ClockId, Rate, TimedTick, Timestamp};
///
/// let clock_id = ClockId::new_unique();
/// let frame_number = 600;
/// let timestamp = Timestamp::ZERO + Rate::fps(60).time_of(frame_number);
/// let tick = TimedTick { timestamp, frame_number, clock_id };
/// assert_eq!(tick.timestamp.as_secs_f64(), 10.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub struct TimedTick {
    /// When the tick was due: nanoseconds since the clock's epoch.
    pub timestamp: Timestamp,
    /// Which tick of the clock it is, from 0. A number that is left out was missed.
    pub frame_number: u64,
    /// The clock that ticked.
    pub clock_id: ClockId,
}

impl TimedTick {
    /// Whether who works on `now` has this tick behind them: it is an earlier one, or of a clock of which they know nothing.
    pub(crate) fn is_over_on(self, now: Self) -> bool {
        self.clock_id != now.clock_id || self.frame_number < now.frame_number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_never_no_clock() {
        let ids = [
            ClockId::new_unique(),
            ClockId::new_unique(),
            ClockId::default(),
        ];
        assert!(ids[0] != ids[1] && ids[0] != ids[2] && ids[1] != ids[2]);
        assert_eq!(ids[2].to_string(), "no clock");
    }
}
