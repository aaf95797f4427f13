//! The rates that pulses come at where television is made, and which of them a measured one is.

use super::ratio::fraction;
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

/// The period in nanoseconds from which a thousandth of a pulse a second is too much.
const SLOW: f64 = 100e6;
/// A slow rate is of the roundest period within this share of what was measured.
const ROUND: f64 = 100e-6;

/// The rate of pulses that are `period` nanoseconds apart, to a thousandth of a pulse a second; of slow ones, of the roundest
/// period, from seconds to microseconds.
pub(super) fn measured(period: f64) -> Rate {
    if period < SLOW {
        return Rate::fps((1e12 / period).round() / 1e3);
    }
    [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
        .into_iter()
        .filter_map(|steps_a_second| {
            let steps = (period * 1e-9 * steps_a_second as f64).round();
            fraction(steps_a_second, steps as u64)
        })
        .find(|rate| (period / nanos(*rate) - 1.0).abs() <= ROUND)
        .unwrap_or_else(|| Rate::fps(1e9 / period))
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
        assert_eq!(measured(3e9), Rate::new(1, 3)?);
        assert_eq!(measured(3.000_1e9), Rate::new(1, 3)?);
        assert_eq!(measured(0.125e9), Rate::new(8, 1)?);
        for period in [0.1, 0.123_456_7, 1.25, 7.777, 3_600.1, 86_399.0] {
            let slow = period * 1e9;
            assert!(
                (nanos(measured(slow)) / slow - 1.0).abs() <= ROUND,
                "{period}"
            );
        }
        Ok(())
    }
}
