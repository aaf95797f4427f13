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
}

impl WakeUps {
    /// For ticks that are `period` apart.
    pub(in super::super) fn new(precision: Precision, period: Duration) -> Self {
        Self {
            precision,
            lead: Lead::new(period),
            timer: Errors::new(),
            ticks: Errors::new(),
        }
    }

    /// Sleeps until `due`, which is near; says whether there was time for that.
    pub(in super::super) fn sleep_until(&mut self, due: Timestamp) -> bool {
        let lead = match self.precision {
            Precision::LowPower => Duration::ZERO,
            Precision::Normal | Precision::Realtime => self.lead.get(),
        };
        let rings = due - lead;
        let sleeps = monotonic::now() < rings;
        if sleeps {
            monotonic::sleep_until(rings);
            let error = monotonic::now() - rings;
            self.lead.rang_late(error);
            self.timer.record(error);
        }
        // No longer than the lead.
        while monotonic::now() < due {
            std::hint::spin_loop();
        }
        sleeps
    }

    /// A tick that was due at `due` is sent at `now`.
    pub(in super::super) fn ticked(&mut self, due: Timestamp, now: Timestamp) {
        self.ticks.record(now - due);
    }
}

/// `ticks 0.3 µs late (p99 2.1 µs), timer 54.0 µs (p99 90.5 µs)`.
impl fmt::Display for WakeUps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ticks late by {}, timer by {}", self.ticks, self.timer)?;
        match self.precision {
            Precision::LowPower => Ok(()),
            Precision::Normal | Precision::Realtime => {
                write!(f, ", spins {}", micros(self.lead.get()))
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
