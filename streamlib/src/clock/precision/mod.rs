//! How exactly a thread keeps its time, and what that costs.

mod awake;
mod followed;
mod granted;
mod kernel;
mod lead;
mod quantile;
mod wakeups;

pub(super) use awake::Awake;
pub(crate) use followed::{follow, of_this_thread};
pub(crate) use granted::{Granted, Role};
pub(super) use wakeups::WakeUps;

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

/// How exactly a clock ticks, and how soon the workers of `threads` get a core.
///
/// What a level asks of the operating system and does not get is left out, and said in the status
/// ([`Clock::status`](super::Clock::status), [`Threads::status`](crate::dispatch::Threads::status)).
///
/// ```
/// use streamlib::dispatch::Threads;
/// use streamlib::prelude::*;
///
/// // The clock, and the threads that its ticks wake: the one without the other waits for its turn.
/// let house = SoftwareClock::fps(60).precision(Precision::Realtime);
/// Threads::precision(Precision::Realtime);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Precision {
    /// The timer alone, which the kernel may group with others (Linux: within 50 µs).
    LowPower = 0,
    /// An exact timer that rings a little early, and the rest spun away. The spin is as long as this
    /// machine's own wake-up error, 200 µs and a twentieth of the period at most. On Linux 6.12 and
    /// later the thread also asks for short time slices, so that it need not wait for the end of
    /// somebody else's: that takes no privilege. Where a nice value of -10 is allowed (`CAP_SYS_NICE`, or a limit of `nice`), it
    /// has that, and so its share of a core where all are busy; where not, nothing is missed. A thread that has a nice
    /// value of its own keeps it.
    #[default]
    Normal = 1,
    /// As `Normal`, ahead of all that runs at ordinary priority: `SCHED_FIFO` for a clock, on a core of
    /// its choice, and `SCHED_RR` for workers, or where that isn't allowed the best nice value that
    /// is; memory that is never paged out; and while such a clock ticks, idle cores that stay awake, and take
    /// power as if they worked (`/dev/cpu_dma_latency`). Allowed to root, with `CAP_SYS_NICE` and `CAP_IPC_LOCK`,
    /// or by limits (`rtprio`, `nice`, `memlock` in limits.conf; `LimitRTPRIO=`, … in a unit of systemd).
    Realtime = 2,
}

/// `low_power`, `normal`, `realtime`.
impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::LowPower => "low_power",
            Self::Normal => "normal",
            Self::Realtime => "realtime",
        })
    }
}

/// A precision that may be changed while threads look at it.
#[derive(Debug)]
pub(crate) struct AtomicPrecision(AtomicU8);

impl AtomicPrecision {
    pub(crate) const fn new(precision: Precision) -> Self {
        Self(AtomicU8::new(precision as u8))
    }

    #[inline]
    pub(crate) fn get(&self) -> Precision {
        // Relaxed: one word, read on its own.
        match self.0.load(Ordering::Relaxed) {
            0 => Precision::LowPower,
            1 => Precision::Normal,
            _ => Precision::Realtime,
        }
    }

    pub(crate) fn set(&self, precision: Precision) {
        self.0.store(precision as u8, Ordering::Relaxed);
    }
}
