//! Tells the `metrics` crate's recorder what is counted about actors: the times of `process` at once, all else now and then.
//!
//! That is done by a thread of its own, so that an actor that rests, hangs or is fed no more is told of as well, and a tick is not
//! the longer for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Label, counter, gauge, histogram};

use crate::actor::{ActorState, Stats};

/// How often the counts are told.
const PERIOD: Duration = Duration::from_millis(500);

/// The names of what is told, and what they count. Each has the labels `actor` (the node's name), `type` and `on`; what
/// several actors of the same labels count is added up. The times of `process` are told at once, all else twice a second.
pub const METRICS: [(&str, &str); 12] = [
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
        "streamlib_stalls_total",
        "How often one of them did not return within its deadline.",
    ),
    (
        "streamlib_stale_reads_total",
        "How often latest_within found nothing young enough.",
    ),
    (
        "streamlib_actor_running",
        "1 while it takes ticks, 0 before and after, and while it is stalled.",
    ),
    (
        "streamlib_actor_stalled",
        "1 while process, on_start or on_stop has not returned within its deadline.",
    ),
    ("streamlib_process_seconds", "How long process takes."),
];

/// The counters come first, the gauges next, and last the times.
const COUNTERS: usize = 9;
const GAUGES: usize = 2;

/// Whether there is a recorder to tell.
pub(super) fn is_recorded() -> bool {
    // What stands for none is a value of no size in a place of its own. One of the program's may have no size either: it is
    // boxed, and what is boxed and has no size lies nowhere.
    metrics::with_recorder(|recorder| {
        let address = std::ptr::from_ref(recorder).cast::<()>().addr();
        size_of_val(recorder) > 0 || address == align_of_val(recorder)
    })
}

/// Tells of one actor for as long as this is held.
pub(super) struct Meter {
    process: Histogram,
    teller: Arc<Teller>,
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
            if place < COUNTERS {
                metrics::describe_counter!(name, what);
            } else if place < COUNTERS + GAUGES {
                metrics::describe_gauge!(name, what);
            } else {
                metrics::describe_histogram!(name, metrics::Unit::Seconds, what);
            }
        }
        let [t, m, l, d, e, p, r, s, o, running, stalled, process] = METRICS.map(|(name, _)| name);
        let gauges = [running, stalled].map(|name| gauge!(name, labels()));
        for gauge in &gauges {
            gauge.increment(0.0); // it is there from now on
        }
        let teller = Arc::new(Teller {
            stats: Arc::clone(stats),
            counters: [t, m, l, d, e, p, r, s, o].map(|name| counter!(name, labels())),
            gauges,
            told: Mutex::default(),
        });
        tell_of(&teller);
        Self {
            process: histogram!(process, labels()),
            teller,
        }
    }

    /// `process` took this many nanoseconds.
    pub(super) fn took(&self, nanos: u64) {
        self.process.record(nanos as f64 * 1e-9);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.teller.tell(true);
    }
}

/// What is told of one actor.
struct Teller {
    stats: Arc<Stats>,
    counters: [Counter; COUNTERS],
    gauges: [Gauge; GAUGES],
    told: Mutex<Told>,
}

/// What has been told.
#[derive(Default)]
struct Told {
    counts: [u64; COUNTERS],
    is: [bool; GAUGES],
    /// Whether that was the last.
    is_over: bool,
}

impl Teller {
    /// Tells what has changed since the last time, so that actors of one name add up.
    fn tell(&self, is_over: bool) {
        let mut told = lock(&self.told);
        if told.is_over {
            return;
        }
        told.is_over = is_over;
        let now = self.stats.counts();
        for ((counter, now), told) in self.counters.iter().zip(now).zip(&mut told.counts) {
            if now > *told {
                counter.increment(now - *told);
                *told = now;
            }
        }
        let state = self.stats.state();
        let now = [ActorState::Running, ActorState::Stalled].map(|is| !is_over && state == is);
        for ((gauge, now), told) in self.gauges.iter().zip(now).zip(&mut told.is) {
            match (*told, now) {
                (false, true) => gauge.increment(1.0),
                (true, false) => gauge.decrement(1.0),
                _ => {}
            }
            *told = now;
        }
    }
}

/// Of whom the thread tells.
struct Tellers {
    all: Vec<Weak<Teller>>,
    runs: bool,
}

static TELLERS: Mutex<Tellers> = Mutex::new(Tellers {
    all: Vec::new(),
    runs: false,
});

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tell_of(teller: &Arc<Teller>) {
    let mut tellers = lock(&TELLERS);
    tellers.all.push(Arc::downgrade(teller));
    if !tellers.runs {
        let thread = std::thread::Builder::new().name("streamlib metrics".to_owned());
        // Where no thread can be had, counts are told when their actor has ended.
        tellers.runs = thread.spawn(tell_all).is_ok();
    }
}

fn tell_all() {
    // Used again and again.
    let mut all: Vec<Arc<Teller>> = Vec::new();
    let mut tellers = lock(&TELLERS);
    loop {
        tellers.all.retain(|teller| teller.strong_count() > 0);
        all.extend(tellers.all.iter().filter_map(Weak::upgrade));
        if all.is_empty() {
            tellers.runs = false;
            return;
        }
        drop(tellers);
        all.drain(..).for_each(|teller| teller.tell(false));
        std::thread::sleep(PERIOD);
        tellers = lock(&TELLERS);
    }
}
