//! The profiles of PTP that a clock can follow, and their numbers.

use std::time::Duration;

/// A profile of IEEE 1588: which domain it is, and how often is said what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// SMPTE ST 2059-2, for the synchronization of video and audio: domain 127, eight syncs and delay
    /// requests a second, four announcements.
    #[default]
    St2059,
    /// The default end-to-end profile of IEEE 1588-2019, annex I.3: domain 0, a sync and a delay request
    /// a second, an announcement every two.
    Default1588,
}

impl Profile {
    /// The domain that the profile starts with.
    #[must_use]
    pub const fn domain(self) -> u8 {
        match self {
            Self::St2059 => 127,
            Self::Default1588 => 0,
        }
    }

    /// The binary logarithms of the intervals in seconds.
    pub(super) const fn log_announce(self) -> i8 {
        match self {
            Self::St2059 => -2,
            Self::Default1588 => 1,
        }
    }

    pub(super) const fn log_sync(self) -> i8 {
        match self {
            Self::St2059 => -3,
            Self::Default1588 => 0,
        }
    }

    pub(super) const fn log_delay_request(self) -> i8 {
        self.log_sync()
    }

    /// After so many announcements that did not come, a master is gone.
    pub(super) const fn announce_timeout(self) -> u8 {
        3
    }

    /// How long the first lock takes at most, on a network that is no worse than is usual: it must have begun by the first time,
    /// or there is no master.
    pub(super) const fn locks_within(self) -> [Duration; 2] {
        match self {
            Self::St2059 => [Duration::from_secs(3), Duration::from_secs(5)],
            Self::Default1588 => [Duration::from_secs(8), Duration::from_secs(30)],
        }
    }

    /// Without a sync for so long, the clock is in holdover.
    pub(super) const fn sync_timeout(self) -> Duration {
        match self {
            Self::St2059 => Duration::from_secs(1),
            Self::Default1588 => Duration::from_secs(6),
        }
    }
}
