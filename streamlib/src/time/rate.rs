//! Frames a second, as an exact fraction.

use std::fmt;
use std::time::Duration;

use super::IntoRate;
use crate::{Error, Result};

const NANOS_PER_SEC: u128 = 1_000_000_000;

/// The fastest rate there is: a frame a microsecond.
const MAX_FPS: u32 = 1_000_000;
/// The slowest rate there is: a frame a day.
const MAX_SECONDS_A_FRAME: u32 = 86_400;

const EXPECTED: &str =
    "a number of frames a second from 1/86400 (one a day) to 1000000, such as 60 or 59.94";

/// Frames a second: `numerator / denominator`, in lowest terms, from one frame a day to 1,000,000 a
/// second.
///
/// The time of a frame is always worked out from its number, never by adding periods, so that a rate
/// such as 60000/1001 does not drift.
///
/// ```
/// use std::time::Duration;
/// use streamlib::time::Rate;
///
/// let rate = Rate::new(60_000, 1_001)?;
/// assert_eq!(rate, Rate::fps(59.94));
/// assert_eq!(rate.to_string(), "59.94 fps (60000/1001)");
///
/// // 60,000 frames take 1,001 seconds, to the nanosecond.
/// assert_eq!(rate.time_of(60_000), Duration::from_secs(1_001));
/// assert_eq!(rate.frame_at(Duration::from_secs(1_001)), 60_000);
/// # Ok::<(), streamlib::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "process",
    serde(try_from = "(u32, u32)", into = "(u32, u32)")
)]
pub struct Rate {
    // A denominator of 0 marks a rate that cannot be: the numerator then holds the bits of the `f32`
    // that was given, so that `check` can say what it was.
    num: u32,
    den: u32,
}

impl Rate {
    /// The rate `num / den` frames a second, put in lowest terms.
    ///
    /// # Errors
    /// [`Error::Invalid`] when either is 0, or when the rate is faster than 1,000,000 frames a second
    /// or slower than one a day.
    pub fn new(num: u32, den: u32) -> Result<Self> {
        Self::reduced(num, den)
            .ok_or_else(|| Error::invalid("fps", format_args!("{num}/{den}"), EXPECTED))
    }

    /// The rate of `fps` frames a second: an integer, a float, or a `Rate`.
    ///
    /// A float next to an NTSC rate becomes exactly that: 23.976 (or 23.98), 29.97, 59.94, 119.88 are
    /// 24000/1001, 30000/1001, 60000/1001, 120000/1001.
    ///
    /// This never fails, so that builders chain. A rate that cannot be (0 or less, NaN, infinite, out
    /// of range) is remembered as it was given, and [`check`](Self::check) reports it; every clock
    /// checks its rate before it starts.
    ///
    /// ```
    /// use streamlib::time::Rate;
    ///
    /// assert_eq!(Rate::fps(60).denominator(), 1);
    /// assert_eq!(Rate::fps(29.97), Rate::new(30_000, 1_001)?);
    /// assert_eq!(
    ///     Rate::fps(-5).check().unwrap_err().to_string(),
    ///     "fps is -5; expected a number of frames a second from 1/86400 (one a day) to 1000000, \
    ///      such as 60 or 59.94",
    /// );
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    #[must_use]
    pub fn fps(fps: impl IntoRate) -> Self {
        fps.into_rate()
    }

    /// This rate, if it can be.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the number that [`fps`](Self::fps) was given, when no clock can run at
    /// it.
    pub fn check(self) -> Result<Self> {
        if self.den == 0 {
            return Err(Error::invalid("fps", f32::from_bits(self.num), EXPECTED));
        }
        Ok(self)
    }

    /// The numerator, in lowest terms: 60000 of 60000/1001. 0 when [`check`](Self::check) fails.
    #[must_use]
    pub fn numerator(self) -> u32 {
        if self.den == 0 { 0 } else { self.num }
    }

    /// The denominator, in lowest terms: 1001 of 60000/1001. 0 when [`check`](Self::check) fails.
    #[must_use]
    pub fn denominator(self) -> u32 {
        self.den
    }

    /// Frames a second as a float, rounded. The number that was given when [`check`](Self::check)
    /// fails.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        if self.den == 0 {
            return f64::from(f32::from_bits(self.num));
        }
        f64::from(self.num) / f64::from(self.den)
    }

    /// The time from one frame to the next, rounded down to a nanosecond: for timeouts and display.
    /// What must not drift uses [`time_of`](Self::time_of). Zero when [`check`](Self::check) fails.
    #[must_use]
    pub fn period(self) -> Duration {
        self.time_of(1)
    }

    /// When frame `frame_number` is due, counted from frame 0, rounded down to a nanosecond.
    ///
    /// Exact for every frame number; [`Duration::MAX`] for a time that a `Duration` cannot hold, and
    /// zero when [`check`](Self::check) fails.
    #[must_use]
    pub fn time_of(self, frame_number: u64) -> Duration {
        if self.den == 0 {
            return Duration::ZERO;
        }
        // At most 2^64 · 2^32 · 2^30: it fits.
        let nanos =
            u128::from(frame_number) * u128::from(self.den) * NANOS_PER_SEC / u128::from(self.num);
        let Ok(secs) = u64::try_from(nanos / NANOS_PER_SEC) else {
            return Duration::MAX;
        };
        Duration::new(secs, (nanos % NANOS_PER_SEC) as u32)
    }

    /// The frame that is current when `elapsed` has passed since frame 0: the greatest whose
    /// [`time_of`](Self::time_of) is no later.
    ///
    /// [`u64::MAX`] for a frame that a `u64` cannot hold, and 0 when [`check`](Self::check) fails.
    #[must_use]
    pub fn frame_at(self, elapsed: Duration) -> u64 {
        if self.den == 0 {
            return 0;
        }
        // floor(n·den·1e9 / num) ≤ t  ⇔  n·den·1e9 < (t + 1)·num. At most 2^94 · 2^32: it fits.
        let limit = (elapsed.as_nanos() + 1) * u128::from(self.num) - 1;
        u64::try_from(limit / (u128::from(self.den) * NANOS_PER_SEC)).unwrap_or(u64::MAX)
    }

    pub(super) fn reduced(num: u32, den: u32) -> Option<Self> {
        if num == 0 || den == 0 {
            return None;
        }
        let (wide_num, wide_den) = (u64::from(num), u64::from(den));
        if wide_num > wide_den * u64::from(MAX_FPS)
            || wide_den > wide_num * u64::from(MAX_SECONDS_A_FRAME)
        {
            return None;
        }
        let common = gcd(num, den);
        Some(Self {
            num: num / common,
            den: den / common,
        })
    }

    /// The rate that cannot be, which remembers `given`.
    pub(super) fn impossible(given: f32) -> Self {
        Self {
            num: given.to_bits(),
            den: 0,
        }
    }
}

#[cfg(feature = "process")]
impl TryFrom<(u32, u32)> for Rate {
    type Error = Error;

    fn try_from((num, den): (u32, u32)) -> Result<Self> {
        Self::new(num, den)
    }
}

#[cfg(feature = "process")]
impl From<Rate> for (u32, u32) {
    fn from(rate: Rate) -> Self {
        (rate.num, rate.den)
    }
}

/// `60 fps`, `59.94 fps (60000/1001)`, `12.5 fps (25/2)`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.den {
            0 => write!(f, "impossible rate ({} fps)", f32::from_bits(self.num)),
            1 => write!(f, "{} fps", self.num),
            den => {
                let rounded = (self.as_f64() * 1000.0).round() / 1000.0;
                write!(f, "{rounded} fps ({}/{den})", self.num)
            }
        }
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.den {
            0 => write!(f, "Rate(impossible: {})", f32::from_bits(self.num)),
            den => write!(f, "Rate({}/{den})", self.num),
        }
    }
}

fn gcd(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_reduced_and_exact() -> Result<()> {
        assert_eq!(Rate::new(120_000, 2_002)?, Rate::new(60_000, 1_001)?);
        assert_eq!(Rate::new(50, 1)?.period(), Duration::from_millis(20));
        Ok(())
    }

    #[test]
    fn refuses_what_cannot_be() {
        for (num, den) in [
            (0, 1),
            (1, 0),
            (0, 0),
            (u32::MAX, 1),
            (1, u32::MAX),
            (1_000_001, 1),
            (1, 86_401),
        ] {
            let message = Rate::new(num, den).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("fps is {num}/{den}; expected")),
                "{message}"
            );
        }
        assert!(Rate::new(1_000_000, 1).is_ok());
        assert!(Rate::new(1, 86_400).is_ok());
    }

    #[test]
    fn a_week_at_60000_1001_does_not_drift() -> Result<()> {
        let rate = Rate::new(60_000, 1_001)?;
        // The last whole 1001 seconds of the week, and every frame of the stretch before it.
        let stretches = 7 * 86_400 / 1_001;
        let last = stretches * 60_000;
        assert_eq!(rate.time_of(last), Duration::from_secs(stretches * 1_001));
        for frame in last - 60_000..=last {
            assert_eq!(rate.frame_at(rate.time_of(frame)), frame);
            assert_eq!(
                rate.frame_at(rate.time_of(frame) - Duration::from_nanos(1)),
                frame - 1
            );
        }
        Ok(())
    }

    #[test]
    fn the_far_end_saturates() -> Result<()> {
        let slow = Rate::new(1, 86_400)?;
        assert_eq!(slow.time_of(u64::MAX), Duration::MAX);
        let fast = Rate::fps(1_000_000);
        assert_eq!(fast.frame_at(Duration::MAX), u64::MAX);
        assert!(fast.time_of(u64::MAX) < Duration::MAX);
        Ok(())
    }

    #[test]
    fn an_impossible_rate_never_divides_by_zero() {
        for rate in [
            Rate::fps(0),
            Rate::fps(-5),
            Rate::fps(f64::NAN),
            Rate::fps(f32::INFINITY),
        ] {
            assert!(rate.check().is_err());
            assert_eq!(rate.time_of(7), Duration::ZERO);
            assert_eq!(rate.frame_at(Duration::from_secs(7)), 0);
            assert_eq!((rate.numerator(), rate.denominator()), (0, 0));
        }
        assert_eq!(Rate::fps(-5).to_string(), "impossible rate (-5 fps)");
        assert_eq!(
            format!("{:?}", Rate::fps(f32::NAN)),
            "Rate(impossible: NaN)"
        );
    }

    #[test]
    fn says_what_it_is() -> Result<()> {
        assert_eq!(Rate::fps(60).to_string(), "60 fps");
        assert_eq!(Rate::fps(23.976).to_string(), "23.976 fps (24000/1001)");
        assert_eq!(format!("{:?}", Rate::new(25, 2)?), "Rate(25/2)");
        Ok(())
    }
}
