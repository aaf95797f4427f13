//! What is counted about an actor while it runs, and the snapshot that `status()` gives of it.

use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::time::ClockId;
use crate::{Error, Result};

/// Where an actor is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum ActorState {
    /// `on_start` has not returned yet.
    #[default]
    Starting = 0,
    /// It takes ticks.
    Running = 1,
    /// It has ended: its inputs have, it said so itself, or it was stopped.
    Stopped = 2,
    /// It ended because of an error.
    Failed = 3,
}

impl fmt::Display for ActorState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        })
    }
}

/// What is counted about an actor. One task writes; anybody reads.
#[derive(Debug)]
pub struct Stats {
    name: String,
    actor: &'static str,
    dispatcher: &'static str,
    clock: Mutex<Option<(ClockId, String)>>,
    state: AtomicU8,
    ticks: AtomicU64,
    missed: AtomicU64,
    late: AtomicU64,
    dropped: AtomicU64,
    errors: AtomicU64,
    panics: AtomicU64,
    restarts: AtomicU64,
    readers: AtomicUsize,
    times: Histogram,
    summary: Mutex<String>,
    last_error: Mutex<Option<String>>,
}

// Relaxed throughout: each is a number on its own that one task writes and others only show.
fn bump(counter: &AtomicU64, by: u64) {
    counter.store(counter.load(Ordering::Relaxed) + by, Ordering::Relaxed);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stats {
    pub(crate) fn new(name: String, actor: &'static str, dispatcher: &'static str) -> Self {
        Self {
            name,
            actor,
            dispatcher,
            clock: Mutex::default(),
            state: AtomicU8::default(),
            ticks: AtomicU64::default(),
            missed: AtomicU64::default(),
            late: AtomicU64::default(),
            dropped: AtomicU64::default(),
            errors: AtomicU64::default(),
            panics: AtomicU64::default(),
            restarts: AtomicU64::default(),
            readers: AtomicUsize::default(),
            times: Histogram::new(),
            summary: Mutex::default(),
            last_error: Mutex::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn actor(&self) -> &'static str {
        self.actor
    }

    pub(crate) fn dispatcher(&self) -> &'static str {
        self.dispatcher
    }

    pub(crate) fn clock(&self) -> Option<(ClockId, String)> {
        lock(&self.clock).clone()
    }

    pub(crate) fn set_clock(&self, clock: Option<(ClockId, String)>) {
        *lock(&self.clock) = clock;
    }

    pub(crate) fn set_summary(&self, summary: String) {
        *lock(&self.summary) = summary;
    }

    pub(crate) fn set_state(&self, state: ActorState) {
        self.state.store(state as u8, Ordering::Relaxed);
    }

    pub(crate) fn state(&self) -> ActorState {
        match self.state.load(Ordering::Relaxed) {
            0 => ActorState::Starting,
            1 => ActorState::Running,
            2 => ActorState::Stopped,
            _ => ActorState::Failed,
        }
    }

    #[inline]
    pub(crate) fn tick(&self) {
        bump(&self.ticks, 1);
    }

    #[inline]
    pub(crate) fn missed(&self, ticks: u64) {
        if ticks > 0 {
            bump(&self.missed, ticks);
        }
    }

    pub(crate) fn late(&self) {
        bump(&self.late, 1);
    }

    #[inline]
    pub(crate) fn took(&self, time: Duration) {
        self.times.record(time.as_nanos() as u64);
    }

    pub(crate) fn dropped(&self, total: u64) {
        self.dropped.store(total, Ordering::Relaxed);
    }

    pub(crate) fn restarted(&self) {
        bump(&self.restarts, 1);
    }

    pub(crate) fn add_readers(&self, readers: usize) {
        self.readers.fetch_add(readers, Ordering::Relaxed);
    }

    pub(crate) fn remove_reader(&self) {
        self.readers.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts a failure; says whether it is the first.
    pub(crate) fn failed(&self, message: String, panicked: bool) -> bool {
        bump(if panicked { &self.panics } else { &self.errors }, 1);
        lock(&self.last_error).replace(message).is_none()
    }

    pub(crate) fn snapshot(&self) -> ActorStatus {
        let clock = self.clock();
        ActorStatus {
            name: self.name.clone(),
            actor: self.actor,
            dispatcher: self.dispatcher,
            clock_id: clock.as_ref().map(|(id, _)| *id),
            clock: clock.map(|(_, name)| name),
            state: self.state(),
            ticks: self.ticks.load(Ordering::Relaxed),
            missed: self.missed.load(Ordering::Relaxed),
            late: self.late.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            panics: self.panics.load(Ordering::Relaxed),
            restarts: self.restarts.load(Ordering::Relaxed),
            readers: self.readers.load(Ordering::Relaxed),
            time: self.times.snapshot(),
            summary: lock(&self.summary).clone(),
            last_error: lock(&self.last_error).clone(),
        }
    }
}

/// How an actor is doing: a snapshot.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ActorStatus {
    /// The node's name in the graph.
    pub name: String,
    /// The actor's type.
    pub actor: &'static str,
    /// Where it runs: `"inline"`, `"tokio"`, `"threads"`.
    pub dispatcher: &'static str,
    /// The clock that its ticks come from, directly or through what feeds it; `None` while it has none.
    pub clock_id: Option<ClockId>,
    /// That clock's name.
    pub clock: Option<String>,
    /// Where it is in its life.
    pub state: ActorState,
    /// Ticks that it has worked on.
    pub ticks: u64,
    /// Ticks that came while it was busy and were merged into a later one.
    pub missed: u64,
    /// Ticks on which it did not wait any longer for all its inputs.
    pub late: u64,
    /// Items that were overwritten before its inputs had seen them.
    pub dropped: u64,
    /// Errors that `process`, `on_start` and `on_stop` returned.
    pub errors: u64,
    /// Panics in them.
    pub panics: u64,
    /// How often it was closed and opened again after a failure.
    pub restarts: u64,
    /// How many inputs read its outputs.
    pub readers: usize,
    /// How long `process` takes.
    pub time: Latency,
    /// What it does, in its own words.
    pub summary: String,
    /// The last error or panic.
    pub last_error: Option<String>,
}

impl ActorStatus {
    /// The error of an actor that has failed.
    pub(crate) fn failure(&self) -> Result<()> {
        if self.state != ActorState::Failed {
            return Ok(());
        }
        let reason = self.last_error.as_deref().unwrap_or("it gave no reason");
        Err(Error::graph(format_args!(
            "actor `{}` failed: {reason}",
            self.name
        )))
    }
}

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
    /// The longest.
    pub max: Duration,
}

/// The buckets of a power of two.
const SUB: u64 = 16;
const SUB_BITS: u32 = SUB.trailing_zeros();
const BUCKETS: usize = (SUB as usize) * (64 - SUB_BITS as usize + 1);

/// A log-linear histogram of nanoseconds, one writer.
#[derive(Debug)]
struct Histogram {
    buckets: Box<[AtomicU64]>,
    max: AtomicU64,
}

impl Histogram {
    fn new() -> Self {
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
    fn record(&self, nanos: u64) {
        if let Some(bucket) = self.buckets.get(Self::bucket(nanos)) {
            bump(bucket, 1);
        }
        if nanos > self.max.load(Ordering::Relaxed) {
            self.max.store(nanos, Ordering::Relaxed);
        }
    }

    fn snapshot(&self) -> Latency {
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
