//! Frames and media timestamps counted from the SMPTE epoch (SMPTE ST 2059-1).

use crate::time::{Rate, Timestamp};

/// The media timestamp of a frame, as RTP carries it (RFC 3550, SMPTE ST 2110-10): units of a media
/// clock that counted `clock_rate` a second from the SMPTE epoch, rounded to the nearest, and of them
/// the low 32 bits.
///
/// It is worked out from the frame's number, not from its timestamp in nanoseconds, so that it is the same
/// on every machine, and exact.
///
/// ```
/// use streamlib::clock::ptp::media_timestamp;
/// use streamlib::time::Rate;
///
/// let rate = Rate::new(60_000, 1_001)?;
/// // Two frames are 3003 units of 90 kHz.
/// assert_eq!(media_timestamp(rate, 1_000_002, 90_000) - media_timestamp(rate, 1_000_000, 90_000), 3003);
/// # Ok::<(), streamlib::Error>(())
/// ```
#[must_use]
pub fn media_timestamp(rate: Rate, frame_number: u64, clock_rate: u32) -> u32 {
    let Ok(rate) = rate.check() else { return 0 };
    // The units in `numerator` frames are a whole number, `denominator · clock_rate`, of which only the
    // low 32 bits matter: what is left fits easily.
    let numerator = u64::from(rate.numerator());
    let units = u64::from(rate.denominator()) * u64::from(clock_rate);
    let whole = (frame_number / numerator).wrapping_mul(units);
    let rest = u128::from(frame_number % numerator) * u128::from(units);
    let rounded = (rest + u128::from(numerator) / 2) / u128::from(numerator);
    whole.wrapping_add(rounded as u64) as u32
}

/// A time of the epoch, from the signed nanoseconds that the discipline works with.
pub(super) fn timestamp(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

/// The reverse; a time past the year 2262 is the last there is.
pub(super) fn nanos(timestamp: Timestamp) -> i64 {
    i64::try_from(timestamp.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Result;

    #[test]
    fn half_units_alternate_and_nothing_drifts_over_a_century() -> Result<()> {
        let rate = Rate::new(60_000, 1_001)?;
        let first: Vec<_> = (0..5).map(|n| media_timestamp(rate, n, 90_000)).collect();
        assert_eq!(first, [0, 1_502, 3_003, 4_505, 6_006]);
        // 100 · 365 days are a whole number of 1001 seconds and some: compared with exact arithmetic.
        let frame = 60_000 * (100 * 365 * 86_400 / 1_001);
        let exact = u128::from(frame) * 1_001 * 90_000 / 60_000;
        assert_eq!(media_timestamp(rate, frame, 90_000), exact as u32);
        assert_eq!(media_timestamp(Rate::fps(0), 7, 90_000), 0);
        Ok(())
    }

    /// Units from the epoch on, exact, rounded to the nearest.
    fn exact(rate: Rate, frame_number: u64, clock_rate: u32) -> u128 {
        let numerator = u128::from(rate.numerator());
        let units =
            u128::from(frame_number) * u128::from(rate.denominator()) * u128::from(clock_rate);
        (2 * units + numerator) / (2 * numerator)
    }

    #[test]
    fn is_exact_for_every_rate_where_32_bits_are_full() {
        for fps in [25.0, 59.94, 23.976] {
            let rate = Rate::fps(fps);
            for clock_rate in [48_000, 44_100, 90_000] {
                // Now, and in a hundred years.
                for turns in [1u128, 18_000, 400_000] {
                    let units = turns << 32;
                    let per_second = u128::from(clock_rate) * u128::from(rate.denominator());
                    let wraps = (units * u128::from(rate.numerator()) / per_second) as u64;
                    let (mut before, mut wrapped) = (None, 0);
                    for frame in wraps - 1_500..wraps + 1_500 {
                        let media = media_timestamp(rate, frame, clock_rate);
                        let exact = exact(rate, frame, clock_rate);
                        assert_eq!(
                            u128::from(media),
                            exact & 0xffff_ffff,
                            "{fps} fps, frame {frame}"
                        );
                        wrapped += u32::from(before.is_some_and(|before| before > media));
                        before = Some(media);
                    }
                    assert_eq!(wrapped, 1);
                }
            }
        }
    }
}
