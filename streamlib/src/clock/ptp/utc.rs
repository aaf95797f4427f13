//! UTC from the time of PTP: the seconds between them, and the leap second that is to come.

use std::fmt;
use std::time::Duration;

use crate::time::Timestamp;

const DAY: u64 = 86_400;

/// What the grandmaster says of UTC (IEEE 1588-2019, 8.2.4): how far it is behind TAI, and whether today
/// ends with a leap second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UtcOffset {
    /// TAI − UTC, in seconds: 37 since 2017.
    pub seconds: i16,
    /// What the last minute of this UTC day is.
    pub leap: Leap,
    /// When it was said: the day that `leap` is about.
    pub said_at: Timestamp,
}

/// Whether a UTC day has a leap second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Leap {
    /// The last minute of the day has 60 seconds.
    #[default]
    None,
    /// It has 61: 23:59:60 comes before midnight.
    Insert,
    /// It has 59: 23:59:59 is left out.
    Delete,
}

/// A time in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Utc {
    /// Since 1970-01-01T00:00:00 UTC, leap seconds not counted, as Unix counts: in an inserted leap
    /// second it is that of 23:59:59 again.
    pub since_unix_epoch: Duration,
    /// Whether this is the inserted leap second, 23:59:60.
    pub leap_second: bool,
}

impl UtcOffset {
    /// The offset that was said at a TAI time, with the leap second that the day ends with.
    #[must_use]
    pub fn new(seconds: i16, leap: Leap, said_at: Timestamp) -> Self {
        Self {
            seconds,
            leap,
            said_at,
        }
    }

    /// UTC at a TAI time, the leap second at the end of the day of `said_at` taken into account.
    ///
    /// ```
    /// use std::time::Duration;
    /// use streamlib::clock::ptp::{Leap, UtcOffset};
    /// use streamlib::time::Timestamp;
    ///
    /// // On the last day of 2016, when TAI − UTC was 36 s, a second was inserted.
    /// let midnight = Duration::from_secs(1_483_228_800);
    /// let noon = Timestamp::ZERO + midnight - Duration::from_secs(12 * 3600);
    /// let offset = UtcOffset::new(36, Leap::Insert, noon);
    /// let last = offset.utc(Timestamp::ZERO + midnight + Duration::from_secs(36));
    /// assert!(last.leap_second);
    /// let new_year = offset.utc(Timestamp::ZERO + midnight + Duration::from_secs(37));
    /// assert_eq!(new_year.since_unix_epoch, midnight);
    /// ```
    #[must_use]
    pub fn utc(self, tai: Timestamp) -> Utc {
        let plain = |time: Timestamp, seconds: i16| {
            let by = Duration::from_secs(u64::from(seconds.unsigned_abs()));
            let time = if seconds < 0 { time + by } else { time - by };
            time.since_epoch()
        };
        let today = plain(self.said_at, self.seconds).as_secs() / DAY;
        let midnight = Duration::from_secs((today + 1) * DAY);
        let second = Duration::from_secs(1);
        let utc = plain(tai, self.seconds);
        let (since_unix_epoch, leap_second) = match self.leap {
            Leap::Insert if utc >= midnight => (utc - second, utc < midnight + second),
            Leap::Delete if utc + second >= midnight => (utc + second, false),
            _ => (utc, false),
        };
        Utc {
            since_unix_epoch,
            leap_second,
        }
    }
}

/// `UTC + 37 s`, or `UTC + 37 s, a leap second at midnight`.
impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UTC {:+} s", self.seconds)?;
        f.write_str(match self.leap {
            Leap::None => "",
            Leap::Insert => ", a leap second at midnight",
            Leap::Delete => ", a second left out at midnight",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2017-01-01T00:00:00 UTC.
    const MIDNIGHT: u64 = 1_483_228_800;

    fn at(leap: Leap, second: u64) -> (u64, bool) {
        let said_at = Timestamp::ZERO + Duration::from_secs(MIDNIGHT - 3_600 + 36);
        let utc = UtcOffset::new(36, leap, said_at)
            .utc(Timestamp::ZERO + Duration::from_secs(second + 36));
        (utc.since_unix_epoch.as_secs(), utc.leap_second)
    }

    #[test]
    fn inserts_and_leaves_out_seconds_at_midnight() {
        assert_eq!(at(Leap::Insert, MIDNIGHT - 1), (MIDNIGHT - 1, false));
        assert_eq!(at(Leap::Insert, MIDNIGHT), (MIDNIGHT - 1, true));
        assert_eq!(at(Leap::Insert, MIDNIGHT + 1), (MIDNIGHT, false));
        assert_eq!(at(Leap::Delete, MIDNIGHT - 2), (MIDNIGHT - 2, false));
        assert_eq!(at(Leap::Delete, MIDNIGHT - 1), (MIDNIGHT, false));
        assert_eq!(at(Leap::None, MIDNIGHT), (MIDNIGHT, false));
    }

    #[test]
    fn takes_any_offset() {
        let early = UtcOffset::new(i16::MAX, Leap::Delete, Timestamp::ZERO).utc(Timestamp::ZERO);
        assert_eq!(early.since_unix_epoch, Duration::ZERO);
        let late = UtcOffset::new(i16::MIN, Leap::Insert, Timestamp::MAX).utc(Timestamp::MAX);
        assert!(late.since_unix_epoch > Duration::ZERO);
    }
}
