//! How long something took, over many times, in a histogram of two exact digits.

use std::time::Duration;

use hdrhistogram::Histogram;

/// How long something took, over many times: each number is within 1 % of what was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Distribution {
    /// How many were measured.
    pub count: u64,
    /// The sum over the count.
    pub mean: Duration,
    /// Half took no longer.
    pub p50: Duration,
    /// 95 of 100 took no longer.
    pub p95: Duration,
    /// 99 of 100 took no longer.
    pub p99: Duration,
    /// 999 of 1,000 took no longer.
    pub p999: Duration,
    /// The longest.
    pub max: Duration,
}

/// Nanoseconds, counted.
pub(super) struct Counts(Option<Histogram<u64>>);

impl Default for Counts {
    fn default() -> Self {
        // It grows with the longest time; two digits are a number that the crate accepts.
        Self(Histogram::new(2).ok())
    }
}

impl Counts {
    pub(super) fn record(&mut self, nanos: u64) {
        if let Some(histogram) = &mut self.0 {
            // Err: longer than the memory that can be had; the histogram stays as it was.
            let _ = histogram.record(nanos);
        }
    }

    pub(super) fn distribution(&self) -> Distribution {
        let Some(histogram) = self.0.as_ref().filter(|histogram| !histogram.is_empty()) else {
            return Distribution::default();
        };
        let at = |quantile| Duration::from_nanos(histogram.value_at_quantile(quantile));
        Distribution {
            count: histogram.len(),
            mean: Duration::from_nanos(histogram.mean() as u64),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
            max: Duration::from_nanos(histogram.max()),
        }
    }
}

impl Clone for Counts {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_within_a_hundredth_of_what_was_recorded() {
        let mut counts = Counts::default();
        assert_eq!(counts.distribution(), Distribution::default());
        for nanos in 1..=10_000 {
            counts.record(nanos * 1_000);
        }
        let found = counts.distribution();
        assert_eq!(found.count, 10_000);
        for (found, micros) in [
            (found.mean, 5_000.5),
            (found.p50, 5_000.0),
            (found.p95, 9_500.0),
            (found.p99, 9_900.0),
            (found.p999, 9_990.0),
            (found.max, 10_000.0),
        ] {
            let ratio = found.as_secs_f64() * 1e6 / micros;
            assert!((0.99..1.01).contains(&ratio), "{found:?} for {micros} µs");
        }
        counts.record(u64::MAX);
        assert_eq!(counts.distribution().count, 10_001);
    }
}
