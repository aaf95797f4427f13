//! UTC from the time of PTP: the seconds between them, and the leap second that is to come.

use std::fmt;
use std::time::Duration;

use crate::time::Timestamp;

const DAY: u64 = 86_400;
const SECOND: Duration = Duration::from_secs(1);
/// Around the midnight of a leap second, what is said is late or early: a grandmaster changes its words within two
/// announcements of it (IEEE 1588-2019, 9.4), which are two seconds apart in the default profile.
const UNSETTLED: Duration = Duration::from_secs(5);
/// A grandmaster that goes on for so long announcing a leap second that is over means no other one.
const GOES_ON: Duration = Duration::from_secs(12 * 3_600);

/// What the grandmaster says of UTC (IEEE 1588-2019, 8.2.4): how far it is behind TAI, and whether today
/// ends with a leap second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UtcOffset {
    /// TAI − UTC, in seconds: 37 since 2017.
    pub seconds: i16,
    /// What the last minute of this UTC day is.
    pub leap: Leap,
    /// When it was first said: a time of the day that `leap` is about, which stays when the grandmaster says the
    /// same again.
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
        let (midnight, utc) = (self.midnight(), self.plain(tai));
        let (since_unix_epoch, leap_second) = match self.leap {
            Leap::Insert if utc >= midnight => (utc - SECOND, utc < midnight + SECOND),
            Leap::Delete if utc + SECOND >= midnight => (utc + SECOND, false),
            _ => (utc, false),
        };
        Utc {
            since_unix_epoch,
            leap_second,
        }
    }

    /// What holds when `seconds` and `leap` are said at a TAI time, and `before` held until then.
    ///
    /// The same words again are about the same midnight, also when that is over: who says them is late. And in the seconds
    /// around a leap second that was announced, no word changes anything, so that the second is counted once.
    pub(super) fn heard(before: Option<Self>, seconds: i16, leap: Leap, at: Timestamp) -> Self {
        let same = |before: &Self| (seconds, leap) == (before.seconds, before.leap);
        let holds = |before: &Self| match before.leap {
            Leap::None => same(before),
            Leap::Insert | Leap::Delete => {
                let (midnight, utc) = (before.midnight(), before.plain(at));
                let is_unsettled = utc + UNSETTLED >= midnight && utc < midnight + UNSETTLED;
                is_unsettled || (same(before) && utc < midnight + GOES_ON)
            }
        };
        before
            .filter(holds)
            .unwrap_or_else(|| Self::first(seconds, leap, at))
    }

    /// What is said to who has not listened before. Right after a midnight that can have a leap second, one that is
    /// announced is that of this midnight: no day that begins a month ends with one.
    fn first(seconds: i16, leap: Leap, at: Timestamp) -> Self {
        let this = Self::new(seconds, leap, at);
        let utc = this.plain(at);
        let today = Duration::from_secs(utc.as_secs() / DAY * DAY);
        let is_over = utc < today + UNSETTLED && begins_a_month(utc.as_secs() / DAY);
        if leap == Leap::None || !is_over {
            return this;
        }
        let yesterday = at - (utc - today) - SECOND;
        Self::new(seconds, leap, yesterday)
    }

    /// UTC as if no leap second came.
    fn plain(self, tai: Timestamp) -> Duration {
        let by = Duration::from_secs(u64::from(self.seconds.unsigned_abs()));
        let time = if self.seconds < 0 { tai + by } else { tai - by };
        time.since_epoch()
    }

    /// The end of the day that `leap` is about, as if it had no leap second.
    fn midnight(self) -> Duration {
        Duration::from_secs((self.plain(self.said_at).as_secs() / DAY + 1) * DAY)
    }
}

/// Whether a day, counted from 1970-01-01, is the first of a month: leap seconds come at the end of the one before
/// (ITU-R TF.460).
fn begins_a_month(day: u64) -> bool {
    // Years that begin in March, in the 400 of the calendar that begin in March of 2000: so the odd day comes last.
    let day = (day + 719_468) % 146_097;
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    day == (153 * month + 2) / 5
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

    fn tai(seconds: u64) -> Timestamp {
        Timestamp::ZERO + Duration::from_secs(seconds + 36)
    }

    /// A clock that has heard `(36, leap)` an hour before midnight, and these words so many seconds from midnight on.
    fn after(leap: Leap, words: &[(i64, i16, Leap)]) -> UtcOffset {
        let mut offset = UtcOffset::heard(None, 36, leap, tai(MIDNIGHT - 3_600));
        for &(second, seconds, leap) in words {
            let at = tai((MIDNIGHT as i64 + second) as u64);
            offset = UtcOffset::heard(Some(offset), seconds, leap, at);
        }
        offset
    }

    #[test]
    fn who_says_the_same_again_is_about_the_same_midnight() {
        let first = after(Leap::Insert, &[]);
        let (again, late) = ((-1, 36, Leap::Insert), (0, 36, Leap::Insert));
        assert_eq!(after(Leap::Insert, &[again, late]), first);
        assert_eq!(
            after(Leap::Insert, &[late, (40_000, 36, Leap::Insert)]),
            first
        );
        // For half a day. Then it is about the next one, if anything.
        let next = after(Leap::Insert, &[late, (43_200, 36, Leap::Insert)]);
        assert_eq!(next.said_at, tai(MIDNIGHT + 43_200));
        let none = after(
            Leap::None,
            &[(-9, 36, Leap::None), (900_000, 36, Leap::None)],
        );
        assert_eq!(none, after(Leap::None, &[]));
    }

    #[test]
    fn words_that_change_early_or_one_by_one_move_no_second() {
        let first = after(Leap::Insert, &[]);
        for words in [
            (-2, 37, Leap::None),
            (0, 37, Leap::Insert),
            (0, 36, Leap::None),
        ] {
            assert_eq!(after(Leap::Insert, &[words]), first);
        }
        let settled = after(Leap::Insert, &[(-2, 37, Leap::None), (5, 37, Leap::None)]);
        assert_eq!((settled.seconds, settled.leap), (37, Leap::None));
        // An hour before, the grandmaster has thought better of it.
        let called_off = after(Leap::Insert, &[(-1_800, 36, Leap::None)]);
        assert_eq!(called_off.leap, Leap::None);
    }

    #[test]
    fn heard_first_when_it_is_over_a_leap_second_is_not_one_to_come() {
        for (leap, second) in [(Leap::Insert, 0), (Leap::Insert, 3), (Leap::Delete, 2)] {
            let at = tai(MIDNIGHT + second);
            let heard = UtcOffset::heard(None, 36, leap, at);
            assert_eq!(heard.utc(at), after(leap, &[]).utc(at), "{leap:?}");
        }
        // On any other day, it is the one to come.
        let other = tai(MIDNIGHT + DAY);
        let heard = UtcOffset::heard(None, 36, Leap::Insert, other);
        assert!(!heard.utc(other).leap_second);
        assert!(heard.utc(tai(MIDNIGHT + 2 * DAY)).leap_second);
    }

    #[test]
    fn knows_which_days_begin_a_month() {
        let mut months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            .iter()
            .cycle();
        let (mut month, mut year, mut first) = (0, 1970, 0);
        for day in 0..100_000 {
            assert_eq!(begins_a_month(day), day == first, "{day}");
            if day == first {
                let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
                let length = months.next().copied().unwrap_or_default();
                first += length + u64::from(is_leap && month == 1);
                month = (month + 1) % 12;
                year += u64::from(month == 0);
            }
        }
    }

    #[test]
    fn takes_any_offset() {
        let early = UtcOffset::new(i16::MAX, Leap::Delete, Timestamp::ZERO).utc(Timestamp::ZERO);
        assert_eq!(early.since_unix_epoch, Duration::ZERO);
        let late = UtcOffset::new(i16::MIN, Leap::Insert, Timestamp::MAX).utc(Timestamp::MAX);
        assert!(late.since_unix_epoch > Duration::ZERO);
    }
}
