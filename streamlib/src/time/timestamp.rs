//! A point in time on some clock.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

const NANOS_PER_SEC: u64 = 1_000_000_000;

/// Nanoseconds since the epoch of the clock it came from; a `u64` of them lasts 584 years.
///
/// Arithmetic saturates: a time before the epoch is the epoch, one after the end is
/// [`MAX`](Self::MAX). [`checked_add`](Self::checked_add) and [`checked_sub`](Self::checked_sub) tell.
///
/// ```
/// use std::time::Duration;
/// use streamlib::time::{Rate, Timestamp};
///
/// let second_frame = Timestamp::ZERO + Rate::fps(50).time_of(1);
/// assert_eq!(second_frame.as_nanos(), 20_000_000);
/// assert_eq!(second_frame - Timestamp::ZERO, Duration::from_millis(20));
/// assert_eq!(second_frame.media(90_000), 1_800); // as RTP counts video time
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub struct Timestamp(u64);

impl Timestamp {
    /// The clock's epoch.
    pub const ZERO: Self = Self(0);
    /// The last time there is.
    pub const MAX: Self = Self(u64::MAX);

    /// The time `nanos` nanoseconds after the clock's epoch.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the clock's epoch.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the clock's epoch, rounded: for display.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.since_epoch().as_secs_f64()
    }

    /// The time since the clock's epoch.
    #[must_use]
    pub const fn since_epoch(self) -> Duration {
        Duration::from_nanos(self.0)
    }

    /// `duration` later; `None` past [`MAX`](Self::MAX).
    #[must_use]
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        self.0
            .checked_add(u64::try_from(duration.as_nanos()).ok()?)
            .map(Self)
    }

    /// `duration` earlier; `None` before the epoch.
    #[must_use]
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        self.0
            .checked_sub(u64::try_from(duration.as_nanos()).ok()?)
            .map(Self)
    }

    /// `duration` later, at most [`MAX`](Self::MAX).
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        self.checked_add(duration).unwrap_or(Self::MAX)
    }

    /// `duration` earlier, at least the epoch.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        self.checked_sub(duration).unwrap_or(Self::ZERO)
    }

    /// The time from `earlier` to this; zero when `earlier` is later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// This time in units of a media clock that counts `clock_rate` a second (RTP: 90,000 for video,
    /// the sample rate for audio), rounded to the nearest.
    ///
    /// The count is of the whole time since the epoch; RTP carries its low 32 bits. It fits for any
    /// rate up to 1 GHz; a faster one wraps at 2^64.
    #[must_use]
    pub const fn media(self, clock_rate: u32) -> u64 {
        let scaled = self.0 as u128 * clock_rate as u128;
        ((scaled + NANOS_PER_SEC as u128 / 2) / NANOS_PER_SEC as u128) as u64
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// [`saturating_add`](Self::saturating_add).
    fn add(self, duration: Duration) -> Self {
        self.saturating_add(duration)
    }
}

impl AddAssign<Duration> for Timestamp {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    /// [`saturating_sub`](Self::saturating_sub).
    fn sub(self, duration: Duration) -> Self {
        self.saturating_sub(duration)
    }
}

impl Sub for Timestamp {
    type Output = Duration;

    /// [`saturating_since`](Self::saturating_since).
    fn sub(self, earlier: Self) -> Duration {
        self.saturating_since(earlier)
    }
}

/// Seconds to the nanosecond: `1.016683333 s`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{:09} s",
            self.0 / NANOS_PER_SEC,
            self.0 % NANOS_PER_SEC
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_and_the_checked_kind_tells() {
        let late = Timestamp::from_nanos(u64::MAX - 1);
        let second = Duration::from_secs(1);
        assert_eq!(late + second, Timestamp::MAX);
        assert_eq!(late + Duration::MAX, Timestamp::MAX);
        assert_eq!(late.checked_add(second), None);
        assert_eq!(Timestamp::ZERO - second, Timestamp::ZERO);
        assert_eq!(Timestamp::ZERO.checked_sub(second), None);
        assert_eq!(Timestamp::ZERO - late, Duration::ZERO);
        assert_eq!(
            late.media(u32::MAX),
            (u128::from(u64::MAX - 1) * u128::from(u32::MAX) / 1_000_000_000) as u64
        );
    }

    #[test]
    fn media_units_are_rounded_to_the_nearest() {
        // The 60000/1001 frame is 1501.5 units of 90 kHz long: 16683333 ns are 1501.49997 of them.
        assert_eq!(Timestamp::from_nanos(16_683_333).media(90_000), 1_501);
        assert_eq!(Timestamp::from_nanos(16_683_334).media(90_000), 1_502);
        assert_eq!(Timestamp::from_nanos(33_366_666).media(90_000), 3_003);
        assert_eq!(Timestamp::from_nanos(5_000_000_000).media(48_000), 240_000);
        assert_eq!(Timestamp::MAX.media(0), 0);
    }

    #[test]
    fn displays_every_nanosecond() {
        assert_eq!(
            Timestamp::from_nanos(1_016_683_333).to_string(),
            "1.016683333 s"
        );
        assert_eq!(Timestamp::ZERO.to_string(), "0.000000000 s");
    }
}
