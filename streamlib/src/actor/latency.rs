//! How long something took, over many times: a histogram that one task writes and anybody reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::stats::bump;

/// How long something took, over many times: quantiles to within 6 %, the maximum exact.
///
/// On a clock that keeps real time every tick is measured. On one that runs as fast as it can
/// (virtual time), actors that take less than half a microsecond are measured on one tick in 32,
/// because looking at the time would cost more than what is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// Half took no longer.
    pub p50: Duration,
    /// 95 of 100 took no longer.
    pub p95: Duration,
    /// 99 of 100 took no longer.
    pub p99: Duration,
    /// 999 of 1000 took no longer.
    pub p999: Duration,
    /// The longest.
    pub max: Duration,
}

/// The buckets of a power of two.
const SUB: u64 = 16;
const SUB_BITS: u32 = SUB.trailing_zeros();
const BUCKETS: usize = (SUB as usize) * (64 - SUB_BITS as usize + 1);

/// A log-linear histogram of nanoseconds, one writer.
#[derive(Debug)]
pub(crate) struct Histogram {
    buckets: Box<[AtomicU64]>,
    max: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self {
            buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
            max: AtomicU64::new(0),
        }
    }

    #[inline]
    fn bucket(nanos: u64) -> usize {
        if nanos < SUB {
            return nanos as usize;
        }
        let exponent = nanos.ilog2();
        let sub = (nanos >> (exponent - SUB_BITS)) - SUB;
        (u64::from(exponent - SUB_BITS + 1) * SUB + sub) as usize
    }

    /// The largest value of a bucket.
    fn upper(bucket: usize) -> u64 {
        let bucket = bucket as u64;
        if bucket < SUB {
            return bucket;
        }
        let shift = bucket / SUB - 1;
        let lower = (SUB + bucket % SUB) << shift;
        lower + ((1 << shift) - 1)
    }

    #[inline]
    pub(crate) fn record(&self, nanos: u64) {
        if let Some(bucket) = self.buckets.get(Self::bucket(nanos)) {
            bump(bucket, 1);
        }
        if nanos > self.max.load(Ordering::Relaxed) {
            self.max.store(nanos, Ordering::Relaxed);
        }
    }

    pub(crate) fn snapshot(&self) -> Latency {
        let counts: Vec<u64> = self
            .buckets
            .iter()
            .map(|b| b.load(Ordering::Relaxed))
            .collect();
        let count = counts.iter().sum::<u64>();
        let max = self.max.load(Ordering::Relaxed);
        let quantile = |per_mille: u64| {
            let rank = (count * per_mille).div_ceil(1000);
            let mut seen = 0;
            let bucket = counts.iter().position(|&n| {
                seen += n;
                seen >= rank
            });
            Duration::from_nanos(bucket.map_or(0, Self::upper).min(max))
        };
        if count == 0 {
            return Latency::default();
        }
        Latency {
            count,
            p50: quantile(500),
            p95: quantile(950),
            p99: quantile(990),
            p999: quantile(999),
            max: Duration::from_nanos(max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bucket_that_ends_at_most_a_sixteenth_above_it() {
        for shift in 0..64 {
            for add in [0_u64, 1, 7] {
                let value = (1_u64 << shift).saturating_add(add << (shift / 2));
                let upper = Histogram::upper(Histogram::bucket(value));
                assert!(upper >= value, "{value} in a bucket up to {upper}");
                assert!(
                    upper - value <= value / 16 + 1,
                    "{value} in a bucket up to {upper}"
                );
            }
        }
        assert!(Histogram::bucket(u64::MAX) < BUCKETS);
    }

    #[test]
    fn quantiles_are_of_what_was_recorded() {
        let histogram = Histogram::new();
        for nanos in 1..=1000 {
            histogram.record(nanos * 1000);
        }
        let latency = histogram.snapshot();
        assert_eq!(latency.count, 1000);
        assert_eq!(latency.max, Duration::from_millis(1));
        for (quantile, expected) in [(latency.p50, 500), (latency.p95, 950), (latency.p99, 990)] {
            let ratio = quantile.as_secs_f64() / (f64::from(expected) * 1e-6);
            assert!(
                (1.0..1.07).contains(&ratio),
                "{quantile:?} for {expected} µs"
            );
        }
    }
}
