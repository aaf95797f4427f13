//! Tells the `metrics` crate's recorder what is counted about an actor.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::{Counter, Gauge, Histogram, Label, counter, gauge, histogram};

use crate::actor::Stats;

/// How often the counts are told; the times of `process` are told at once.
const PERIOD: Duration = Duration::from_millis(500);

/// The names of what is told, and what they count. Each has the labels `actor` (the node's name), `type` and `on`.
pub const METRICS: [(&str, &str); 9] = [
    (
        "streamlib_ticks_total",
        "Ticks that the actor has worked on.",
    ),
    (
        "streamlib_missed_ticks_total",
        "Ticks that came while it was busy and were merged into a later one.",
    ),
    (
        "streamlib_late_ticks_total",
        "Ticks on which it did not wait any longer for all its inputs.",
    ),
    (
        "streamlib_dropped_items_total",
        "Items that were overwritten before its inputs had seen them.",
    ),
    (
        "streamlib_errors_total",
        "Errors that process, on_start and on_stop returned.",
    ),
    ("streamlib_panics_total", "Panics in them."),
    (
        "streamlib_restarts_total",
        "How often it was closed and opened again after a failure.",
    ),
    (
        "streamlib_actor_running",
        "1 while it takes ticks, 0 before and after.",
    ),
    ("streamlib_process_seconds", "How long process takes."),
];

/// What is told of one actor.
pub(super) struct Meter {
    stats: Arc<Stats>,
    counters: [Counter; 7],
    told: [u64; 7],
    running: Gauge,
    process: Histogram,
    next: Instant,
}

impl Meter {
    pub(super) fn new(stats: &Arc<Stats>) -> Self {
        let labels = || {
            vec![
                Label::new("actor", stats.name().to_owned()),
                Label::new("type", stats.actor()),
                Label::new("on", stats.dispatcher()),
            ]
        };
        for (place, (name, what)) in METRICS.into_iter().enumerate() {
            match place {
                0..7 => metrics::describe_counter!(name, what),
                7 => metrics::describe_gauge!(name, what),
                _ => metrics::describe_histogram!(name, metrics::Unit::Seconds, what),
            }
        }
        let [t, m, l, d, e, p, r, running, process] = METRICS.map(|(name, _)| name);
        let running = gauge!(running, labels());
        running.set(1.0);
        Self {
            stats: Arc::clone(stats),
            counters: [t, m, l, d, e, p, r].map(|name| counter!(name, labels())),
            told: [0; 7],
            running,
            process: histogram!(process, labels()),
            next: Instant::now() + PERIOD,
        }
    }

    /// `process` took this many nanoseconds.
    pub(super) fn took(&mut self, nanos: u64) {
        self.process.record(nanos as f64 * 1e-9);
        let now = Instant::now();
        if now >= self.next {
            self.next = now + PERIOD;
            self.tell();
        }
    }

    /// Tells what has been counted since the last time, so that actors of one name add up.
    fn tell(&mut self) {
        let now = self.stats.counts();
        for ((counter, now), told) in self.counters.iter().zip(now).zip(&mut self.told) {
            counter.increment(now.saturating_sub(*told));
            *told = now;
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.tell();
        self.running.set(0.0);
    }
}
