//! The rates that pulses come at where television is made, and which of them a measured one is.

use crate::time::Rate;

/// A train is of a rate if it is within this share of it: oscillators are within 0.00005, and the
/// nearest two rates (n and n · 1000/1001) are 0.001 apart.
pub(super) const TOLERANCE: f64 = 400e-6;

/// Whole rates, each of which also comes 1000/1001 as fast, but for the one of a second.
const WHOLE: [u32; 17] = [
    24, 25, 30, 48, 50, 60, 72, 75, 90, 96, 100, 120, 144, 150, 180, 200, 240,
];

/// The broadcast rate of pulses that are `period` nanoseconds apart.
pub(super) fn broadcast(period: f64) -> Option<Rate> {
    let ntsc = WHOLE.into_iter().map(|rate| Rate::new(rate * 1000, 1001));
    let whole = WHOLE.into_iter().map(|rate| Rate::new(rate, 1));
    std::iter::once(Rate::new(1, 1))
        .chain(whole)
        .chain(ntsc)
        .flatten()
        .find(|rate| is(*rate, period))
}

/// Whether pulses that are `period` nanoseconds apart are of `rate`.
pub(super) fn is(rate: Rate, period: f64) -> bool {
    (period / nanos(rate) - 1.0).abs() <= TOLERANCE
}

/// The rate of pulses that are `period` nanoseconds apart, to a thousandth of a pulse a second.
pub(super) fn measured(period: f64) -> Rate {
    Rate::fps((1e12 / period).round() / 1e3)
}

/// Nanoseconds from one pulse to the next.
pub(super) fn nanos(rate: Rate) -> f64 {
    1e9 * f64::from(rate.denominator()) / f64::from(rate.numerator())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Result;

    #[test]
    fn knows_each_rate_with_the_drift_of_its_oscillator() -> Result<()> {
        for whole in WHOLE {
            for rate in [Rate::new(whole, 1)?, Rate::new(whole * 1000, 1001)?] {
                for ppm in [-350.0, -50.0, 0.0, 50.0, 350.0] {
                    let period = nanos(rate) * (1.0 + ppm * 1e-6);
                    assert_eq!(broadcast(period), Some(rate), "{rate} {ppm}");
                }
            }
        }
        assert_eq!(broadcast(1e9), Some(Rate::new(1, 1)?));
        assert_eq!(broadcast(1e9 / 59.951), Some(Rate::new(60_000, 1001)?));
        assert_eq!(broadcast(1e9 / 61.3), None);
        assert_eq!(measured(1e9 / 61.3), Rate::new(613, 10)?);
        Ok(())
    }
}
