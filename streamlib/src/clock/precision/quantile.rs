//! A quantile of a stream of times, tracked in one number.

use std::time::Duration;

/// Follows the value below which a share of the times lie.
///
/// Each time above the estimate raises it and each below lowers it, in the ratio that balances at the
/// quantile. A step is a twentieth of the estimate, so that it finds any size in some dozens of steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quantile {
    share: f64,
    nanos: f64,
}

/// The smallest step, in nanoseconds.
const FINEST: f64 = 20.0;

impl Quantile {
    /// The time below which `share` of them lie.
    pub(super) const fn new(share: f64) -> Self {
        Self { share, nanos: -1.0 }
    }

    pub(super) fn record(&mut self, time: Duration) {
        let time = time.as_nanos() as f64;
        if self.nanos < 0.0 {
            self.nanos = time;
            return;
        }
        let step = (self.nanos * 0.05).max(FINEST);
        if time > self.nanos {
            self.nanos += step * self.share;
        } else {
            self.nanos -= step * (1.0 - self.share);
        }
        self.nanos = self.nanos.max(0.0);
    }

    /// The estimate; zero before the first time.
    pub(super) fn get(self) -> Duration {
        Duration::from_nanos(self.nanos.max(0.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Evenly spread from 0 to 100 µs, in an order that looks random.
    fn spread() -> impl Iterator<Item = Duration> {
        (0..20_000_u64).map(|n| Duration::from_nanos(n * 7_919_333 % 100_000))
    }

    #[test]
    fn finds_its_share() {
        for (share, expected) in [(0.5, 50.0), (0.9, 90.0), (0.99, 99.0)] {
            let mut quantile = Quantile::new(share);
            spread().for_each(|time| quantile.record(time));
            let found = quantile.get().as_nanos() as f64 / 1e3;
            assert!(
                (found - expected).abs() < expected * 0.15,
                "{share}: {found} µs, not {expected}"
            );
        }
    }

    #[test]
    fn follows_a_change_in_both_directions() {
        let mut quantile = Quantile::new(0.9);
        for micros in [50, 400, 5] {
            for _ in 0..2_000 {
                quantile.record(Duration::from_micros(micros));
            }
            let found = quantile.get().as_nanos() as f64 / 1e3;
            let expected = micros as f64;
            assert!(
                (found - expected).abs() < expected * 0.2,
                "{found} µs, not {expected}"
            );
        }
    }
}
