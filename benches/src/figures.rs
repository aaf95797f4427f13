//! Figures with names: times, quantiles of times, and the line of JSON that they are printed as.

use std::fmt;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

/// Figures, each under the name that `cargo xtask compare` looks for.
#[derive(Debug, Default)]
pub struct Figures(Vec<(&'static str, f64)>);

impl Figures {
    /// One figure.
    #[must_use]
    pub fn one(name: &'static str, value: f64) -> Self {
        Self::default().and(name, value)
    }

    /// One more figure.
    #[must_use]
    pub fn and(mut self, name: &'static str, value: f64) -> Self {
        self.0.push((name, value));
        self
    }

    /// Median, 99th and 99.9th percentile and maximum of times in nanoseconds, and between the first
    /// two, as microseconds.
    ///
    /// The first tenth is left out: threads start and memory is touched in it. Times of 0 stand for
    /// what never arrived, and are counted as `lost`.
    #[must_use]
    pub fn quantiles(times: &[u64]) -> Self {
        let counted = counted(times);
        Self::one("p50_us", quantile(&counted, 0.5))
            .and("p99_us", quantile(&counted, 0.99))
            .and("p999_us", quantile(&counted, 0.999))
            .and("max_us", quantile(&counted, 1.0))
            .and(
                "spread_us",
                quantile(&counted, 0.99) - quantile(&counted, 0.5),
            )
            .and(
                "lost",
                (times.len() - times.len() / 10 - counted.len()) as f64,
            )
    }

    /// Median and 99th percentile of times in nanoseconds, as microseconds, without the first tenth; and how many never arrived.
    /// Those are later than all others, not left out: a percentile that is one of them is infinite.
    #[must_use]
    pub fn p50_p99_and_lost(times: &[u64]) -> [f64; 3] {
        let counted = counted(times);
        let all = times.len() - times.len() / 10;
        let quantile = |q: f64| {
            let rank = (q * all as f64).ceil() as usize;
            (counted.get(rank.saturating_sub(1))).map_or(f64::INFINITY, |&ns| ns as f64 / 1e3)
        };
        [quantile(0.5), quantile(0.99), (all - counted.len()) as f64]
    }

    /// The same of what an actor saw.
    #[must_use]
    pub fn and_at_an_actor(self, times: &[u64]) -> Self {
        let counted = counted(times);
        let (p50, p99) = (quantile(&counted, 0.5), quantile(&counted, 0.99));
        self.and("actor_p50_us", p50)
            .and("actor_p99_us", p99)
            .and("actor_p999_us", quantile(&counted, 0.999))
            .and("actor_max_us", quantile(&counted, 1.0))
            .and("actor_spread_us", p99 - p50)
    }

    /// The same of cyclictest.
    #[must_use]
    pub fn and_of_cyclictest(self, times: &[u64]) -> Self {
        let counted = counted(times);
        let (p50, p99) = (quantile(&counted, 0.5), quantile(&counted, 0.99));
        self.and("cyclictest_p50_us", p50)
            .and("cyclictest_p99_us", p99)
            .and("cyclictest_p999_us", quantile(&counted, 0.999))
            .and("cyclictest_max_us", quantile(&counted, 1.0))
            .and("cyclictest_spread_us", p99 - p50)
    }

    /// The same of what was not held up by a core that stood still.
    #[must_use]
    pub fn and_while_it_runs(self, times: &[u64]) -> Self {
        let counted = counted(times);
        let (p50, p99) = (quantile(&counted, 0.5), quantile(&counted, 0.99));
        self.and("running_p50_us", p50)
            .and("running_p99_us", p99)
            .and("running_p999_us", quantile(&counted, 0.999))
            .and("running_max_us", quantile(&counted, 1.0))
            .and("running_spread_us", p99 - p50)
    }
}

/// What arrived after the first tenth, in order.
fn counted(times: &[u64]) -> Vec<u64> {
    let times = &times[times.len() / 10..];
    let mut counted: Vec<u64> = times.iter().copied().filter(|&time| time != 0).collect();
    counted.sort_unstable();
    counted
}

/// In microseconds.
fn quantile(counted: &[u64], q: f64) -> f64 {
    let rank = (q * counted.len() as f64).ceil() as usize;
    counted
        .get(rank.saturating_sub(1))
        .map_or(f64::NAN, |&ns| ns as f64 / 1e3)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (name, value)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}\"{name}\": {value}")?;
        }
        f.write_str("}")
    }
}

/// What frames cost, from now on.
#[derive(Debug)]
pub struct Meter {
    begun: Instant,
    cpu_ns: u64,
}

impl Meter {
    /// Begins to count.
    #[must_use]
    pub fn start() -> Self {
        Self {
            begun: Instant::now(),
            cpu_ns: cpu_ns(),
        }
    }

    /// Microseconds of processor time a frame, and frames a second, of so many frames.
    #[must_use]
    pub fn a_frame(&self, frames: u64) -> Figures {
        let cpu = cpu_ns() - self.cpu_ns;
        let frames = frames as f64;
        Figures::one("cpu_us", cpu as f64 / frames / 1e3)
            .and("fps", frames / self.begun.elapsed().as_secs_f64())
    }
}

/// Nanoseconds of the monotonic clock, which is the epoch of a `SoftwareClock` too.
#[must_use]
pub fn monotonic_ns() -> u64 {
    nanoseconds(ClockId::Monotonic)
}

/// Nanoseconds of processor time that all threads of this process have used.
#[must_use]
pub fn cpu_ns() -> u64 {
    nanoseconds(ClockId::ProcessCPUTime)
}

fn nanoseconds(clock: ClockId) -> u64 {
    let now = clock_gettime(clock);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Nanoseconds that one call of `step` takes: the median of several rounds of `calls` calls.
pub fn per_call_ns(calls: u64, mut step: impl FnMut(u64)) -> f64 {
    const ROUNDS: usize = 9;
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            for number in 0..calls {
                step(number);
            }
            begin.elapsed().as_secs_f64() * 1e9 / calls as f64
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_arrived_is_later_than_all_that_did() {
        let mut times: Vec<u64> = (0..1000).map(|number| 1000 * (number + 1)).collect();
        assert_eq!(Figures::p50_p99_and_lost(&times), [550.0, 991.0, 0.0]);
        // Eight of the quickest of those that are counted: who leaves them out finds less at the top.
        times[100..108].fill(0);
        assert_eq!(Figures::p50_p99_and_lost(&times), [558.0, 999.0, 8.0]);
        times[108..110].fill(0);
        assert_eq!(
            Figures::p50_p99_and_lost(&times),
            [560.0, f64::INFINITY, 10.0]
        );
    }
}
