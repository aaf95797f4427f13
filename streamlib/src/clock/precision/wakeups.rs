//! Sleeping until a tick is due, as exactly as asked, and the account of how well it went.

use std::fmt;
use std::time::Duration;

use super::super::monotonic;
use super::Precision;
use super::lead::Lead;
use super::quantile::Quantile;
use crate::time::Timestamp;

/// How a ticking thread wakes up.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct WakeUps {
    precision: Precision,
    lead: Lead,
    timer: Errors,
    ticks: Errors,
    has_ticked: bool,
}

impl WakeUps {
    /// For ticks that are `period` apart.
    pub(in super::super) fn new(precision: Precision, period: Duration) -> Self {
        Self {
            precision,
            lead: Lead::new(period),
            timer: Errors::new(),
            ticks: Errors::new(),
            has_ticked: false,
        }
    }

    /// Sleeps until `due`, which is near.
    pub(in super::super) fn sleep_until(&mut self, due: Timestamp) {
        let rings = due - self.lead();
        if monotonic::now() < rings {
            monotonic::sleep_until(rings);
            let error = monotonic::now() - rings;
            self.lead.rang_late(error);
            self.timer.record(error);
        }
        // No longer than the lead.
        while monotonic::now() < due {
            std::hint::spin_loop();
        }
    }

    /// By how much the timer is set early, and so how long it spins at most.
    fn lead(&self) -> Duration {
        match self.precision {
            Precision::LowPower => Duration::ZERO,
            Precision::Normal | Precision::Realtime => self.lead.get(),
        }
    }

    /// A tick that was due at `due` is sent at `now`.
    pub(in super::super) fn ticked(&mut self, due: Timestamp, now: Timestamp) {
        // A clock that follows something is due from some time before it knows that: the first tick says nothing of
        // the wake-ups, and a p99 takes long to forget it.
        if self.has_ticked {
            self.ticks.record(now - due);
        }
        self.has_ticked = true;
    }
}

/// `ticks 0.3 µs late (p99 2.1 µs), timer 54.0 µs (p99 90.5 µs)`.
impl fmt::Display for WakeUps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ticks late by {}, timer by {}", self.ticks, self.timer)?;
        match self.precision {
            Precision::LowPower => Ok(()),
            Precision::Normal | Precision::Realtime => {
                write!(f, ", spins {}", micros(self.lead()))
            }
        }
    }
}

/// How late something was, usually and at worst.
#[derive(Clone, Copy, Debug)]
struct Errors {
    p50: Quantile,
    p99: Quantile,
}

impl Errors {
    const fn new() -> Self {
        Self {
            p50: Quantile::new(0.5),
            p99: Quantile::new(0.99),
        }
    }

    fn record(&mut self, error: Duration) {
        self.p50.record(error);
        self.p99.record(error);
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (p50, p99) = (self.p50.get(), self.p99.get().max(self.p50.get()));
        write!(f, "{} (p99 {})", micros(p50), micros(p99))
    }
}

fn micros(time: Duration) -> String {
    format!("{:.1} µs", time.as_nanos() as f64 / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_ends_at_its_instant_and_what_is_spun_is_learnt() {
        for precision in [Precision::LowPower, Precision::Normal] {
            let mut wakeups = WakeUps::new(precision, Duration::from_millis(20));
            assert_eq!(wakeups.lead(), Duration::ZERO);
            for _ in 0..50 {
                let due = monotonic::now() + Duration::from_millis(1);
                wakeups.sleep_until(due);
                assert!(monotonic::now() >= due);
            }
            // No timer of any machine is exact.
            let late = wakeups.timer.p50.get();
            assert!(late > Duration::ZERO, "{wakeups}");
            let spins = wakeups.lead() > Duration::ZERO;
            assert_eq!(spins, precision == Precision::Normal, "{wakeups}");
            assert_eq!(wakeups.to_string().contains("spins"), spins, "{wakeups}");
            // What is over is not slept for.
            wakeups.sleep_until(Timestamp::ZERO);
        }
    }

    #[test]
    fn the_first_tick_is_no_measure_of_the_others() {
        let micros = Duration::from_micros;
        let mut wakeups = WakeUps::new(Precision::Normal, micros(20_000));
        for (tick, late) in [1_300, 2].into_iter().enumerate() {
            let due = Timestamp::from_nanos(20_000_000 * tick as u64);
            wakeups.ticked(due, due + micros(late));
        }
        let told = wakeups.to_string();
        assert!(
            told.starts_with("ticks late by 2.0 µs (p99 2.0 µs)"),
            "{told}"
        );
    }
}
