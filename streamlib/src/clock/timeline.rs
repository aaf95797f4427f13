//! How the ticks of a clock lie on the operating system's monotonic clock, and how good its time is.

use std::fmt;
use std::time::Duration;

use crate::time::Timestamp;

/// How a clock's ticks lie on the operating system's monotonic clock, as well as is known now.
///
/// A [`Ticker`](super::Ticker) makes ticks of it. Every call is answered at once, from what is known; the
/// ticker's thread and any other may ask. Numbers and times are those of an even train of ticks: `due`
/// is never earlier for a greater number, and `newest` is its inverse.
pub trait Timeline: Send + Sync + 'static {
    /// The number of the newest tick that is due at a monotonic instant; `None` before tick 0, and
    /// while there is no time yet (PTP before its first lock).
    fn newest(&self, monotonic: Timestamp) -> Option<u64>;

    /// The monotonic instant at which a tick is due; `None` while there is no time yet. It may move
    /// (slightly, slewed) while the clock is disciplined.
    fn due(&self, frame_number: u64) -> Option<Timestamp>;

    /// The timestamp of a tick in this clock's epoch, exact from its number (rational rate).
    fn timestamp(&self, frame_number: u64) -> Timestamp;

    /// This clock's time at a monotonic instant.
    fn time(&self, monotonic: Timestamp) -> Timestamp;

    /// How good the time is.
    fn status(&self) -> ClockStatus;

    /// The state of [`status`](Self::status), for who asks it at every tick.
    fn state(&self) -> ClockState {
        self.status().state
    }

    /// How long it takes at most to catch its reference, if that is there, as well as it can tell by now. So long a
    /// [`FailoverClock`](super::FailoverClock) that begins waits for it, before a worse clock gives the ticks their
    /// numbers and their epoch. Two seconds, of one that says nothing.
    fn locks_within(&self) -> Duration {
        Duration::from_secs(2)
    }
}

/// How good a clock's time is, and what it follows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClockStatus {
    /// What its time rests on.
    pub state: ClockState,
    /// The rest in words, on one line.
    pub detail: String,
}

impl ClockStatus {
    /// A state, and the rest in words.
    #[must_use]
    pub fn new(state: ClockState, detail: impl Into<String>) -> Self {
        Self {
            state,
            detail: detail.into(),
        }
    }
}

impl Default for ClockStatus {
    fn default() -> Self {
        Self::new(ClockState::FreeRunning, "")
    }
}

/// `locked: offset 120 ns`, or the state alone.
impl fmt::Display for ClockStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.state)?;
        if self.detail.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.detail)
    }
}

/// What a clock's time rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClockState {
    /// Its own time, which is always there.
    FreeRunning,
    /// A reference that it has not yet caught.
    Acquiring,
    /// A reference that it follows.
    Locked,
    /// What it knew of a reference that has gone.
    Holdover,
    /// Nothing any more.
    Lost,
}

impl fmt::Display for ClockState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FreeRunning => "free running",
            Self::Acquiring => "acquiring",
            Self::Locked => "locked",
            Self::Holdover => "holdover",
            Self::Lost => "lost",
        })
    }
}
