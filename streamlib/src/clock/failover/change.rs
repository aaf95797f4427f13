//! What a failover clock tells of: a change of what drives it.

use std::fmt;

use crate::clock::ClockState;
use crate::time::Timestamp;

/// A change of what drives a [`FailoverClock`](crate::clock::FailoverClock).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClockChange {
    /// When it was, on the operating system's monotonic clock.
    pub at: Timestamp,
    /// The number of the newest tick then; `None` before the first.
    pub frame_number: Option<u64>,
    /// The place of the clock that drives now, among those that were given.
    pub place: usize,
    /// That clock: `genlock, clock 3`.
    pub clock: String,
    /// Its state.
    pub state: ClockState,
    /// What has happened: `drives`, `drives on without its reference`.
    pub what: &'static str,
}

/// `genlock, clock 3 drives (locked)`
impl fmt::Display for ClockChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.clock, self.what, self.state)
    }
}
