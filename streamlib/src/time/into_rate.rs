//! What a rate can be written as: `60`, `59.94`, `Rate`.

use super::Rate;

/// A number of frames a second: `i32`, `u32`, `f32`, `f64` or a [`Rate`].
///
/// A float becomes a fraction: a whole number as it is; one next to an NTSC rate (within 0.02 % of
/// n · 1000/1001, n a multiple of 12 or 15 up to 480) exactly that; else the simplest fraction that is
/// the same float to 7 (`f32`) or 9 (`f64`) digits, so that 12.5 is 25/2 and 0.1 is 1/10.
///
/// A number that no clock can run at becomes a rate whose [`check`](Rate::check) says so.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number of frames a second",
    note = "give an `i32`, `u32`, `f32`, `f64` or a `Rate`: `60`, `59.94`, `Rate::new(60_000, 1_001)?`"
)]
pub trait IntoRate {
    /// This number of frames a second, as a fraction.
    fn into_rate(self) -> Rate;
}

impl IntoRate for Rate {
    fn into_rate(self) -> Rate {
        self
    }
}

impl IntoRate for u32 {
    fn into_rate(self) -> Rate {
        Rate::reduced(self, 1).unwrap_or_else(|| Rate::impossible(self as f32))
    }
}

impl IntoRate for i32 {
    fn into_rate(self) -> Rate {
        u32::try_from(self)
            .ok()
            .and_then(|fps| Rate::reduced(fps, 1))
            .unwrap_or_else(|| Rate::impossible(self as f32))
    }
}

impl IntoRate for f32 {
    fn into_rate(self) -> Rate {
        fraction(f64::from(self), 1e-7).unwrap_or_else(|| Rate::impossible(self))
    }
}

impl IntoRate for f64 {
    fn into_rate(self) -> Rate {
        fraction(self, 1e-9).unwrap_or_else(|| Rate::impossible(self as f32))
    }
}

/// Wide enough for 23.98 to mean 24000/1001; an integer rate is 0.1 % away.
const NTSC_TOLERANCE: f64 = 2e-4;
const NTSC_LIMIT: f64 = 480.0;

fn fraction(fps: f64, tolerance: f64) -> Option<Rate> {
    if !(fps > 0.0 && fps <= f64::from(u32::MAX)) {
        return None; // NaN too
    }
    if is_near(fps, fps.round(), tolerance) {
        return Rate::reduced(fps.round() as u32, 1);
    }
    let nominal = (fps * 1.001).round();
    let is_nominal = nominal % 12.0 == 0.0 || nominal % 15.0 == 0.0;
    if is_nominal && nominal <= NTSC_LIMIT && is_near(fps, nominal / 1.001, NTSC_TOLERANCE) {
        return Rate::reduced(nominal as u32 * 1000, 1001);
    }
    simplest(fps, tolerance)
}

/// The first convergent of the continued fraction of `fps` that is within `tolerance` of it.
fn simplest(fps: f64, tolerance: f64) -> Option<Rate> {
    let (mut num, mut den) = ((1_u64, 0_u64), (0_u64, 1_u64)); // (newest, the one before)
    let mut rest = fps;
    loop {
        let whole = rest.floor();
        let next_num = (whole as u64).checked_mul(num.0)?.checked_add(num.1)?;
        let next_den = (whole as u64).checked_mul(den.0)?.checked_add(den.1)?;
        num = (next_num, num.0);
        den = (next_den, den.0);
        if is_near(next_num as f64 / next_den as f64, fps, tolerance) || rest == whole {
            return Rate::reduced(u32::try_from(next_num).ok()?, u32::try_from(next_den).ok()?);
        }
        rest = 1.0 / (rest - whole);
    }
}

fn is_near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * b
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Result;

    #[test]
    fn ntsc_rates_are_known_by_their_short_names() -> Result<()> {
        for (short, nominal) in [
            (11.988, 12.0),
            (14.985, 15.0),
            (23.976, 24.0),
            (23.98, 24.0),
            (29.97, 30.0),
            (47.952, 48.0),
            (47.95, 48.0),
            (59.94, 60.0),
            (71.93, 72.0),
            (119.88, 120.0),
            (143.86, 144.0),
            (239.76, 240.0),
        ] {
            let expected = Rate::new(nominal as u32 * 1000, 1001)?;
            assert_eq!(Rate::fps(short), expected, "{short}");
            assert_eq!(Rate::fps(short as f32), expected, "{short} as f32");
        }
        Ok(())
    }

    #[test]
    fn other_floats_become_the_simplest_fraction() -> Result<()> {
        for (fps, num, den) in [
            (60.0, 60, 1),
            (25.0, 25, 1),
            (12.5, 25, 2),
            (0.1, 1, 10),
            (1.0 / 3.0, 1, 3),
            (14.3, 143, 10),
            (999.0, 999, 1),
            (1500.3, 15_003, 10),
            (1.0 / 3600.0, 1, 3600),
            (1_000_000.0, 1_000_000, 1),
        ] {
            assert_eq!(Rate::fps(fps), Rate::new(num, den)?, "{fps}");
            assert_eq!(Rate::fps(fps as f32), Rate::new(num, den)?, "{fps} as f32");
        }
        Ok(())
    }

    #[test]
    fn what_cannot_be_is_remembered() {
        for (rate, given) in [
            (Rate::fps(0), "0"),
            (Rate::fps(0_u32), "0"),
            (Rate::fps(-5), "-5"),
            (Rate::fps(i32::MIN), "-2147483600"),
            (Rate::fps(u32::MAX), "4294967300"),
            (Rate::fps(0.0), "0"),
            (Rate::fps(-0.5), "-0.5"),
            (Rate::fps(-29.97), "-29.97"),
            (Rate::fps(f64::NAN), "NaN"),
            (Rate::fps(f64::INFINITY), "inf"),
            (Rate::fps(f32::NEG_INFINITY), "-inf"),
            (Rate::fps(1e300), "inf"),
            (Rate::fps(1e-9), "0.000000001"),
            (Rate::fps(2e6), "2000000"),
        ] {
            let message = rate.check().unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("fps is {given}; expected")),
                "{message}"
            );
        }
    }
}
