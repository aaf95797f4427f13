//! What is counted about an actor while it runs, and the snapshot that `status()` gives of it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::busy::{Busy, Call};
use super::latency::{Histogram, Latency};
use crate::time::ClockId;
use crate::{Error, Result};

/// How long an actor that is elsewhere may take where its clock keeps no real time.
const UNKNOWN_DEADLINE: Duration = Duration::from_secs(10);

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
    /// Its `process`, `on_start` or `on_stop` has not returned for longer than its deadline. Or it waits for such an actor: one of
    /// its own task (it and those `inline` with it), or, where it has no clock of its own, whatever feeds it and has not ended.
    Stalled = 4,
}

impl fmt::Display for ActorState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Stalled => "stalled",
        })
    }
}

/// What is counted about an actor. One task writes; anybody reads.
#[derive(Debug)]
pub struct Stats {
    name: String,
    /// The name with those of the graphs that it is in; known when these are put together.
    full_name: OnceLock<String>,
    is_sink: AtomicBool,
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
    stalls: AtomicU64,
    stale: AtomicU64,
    copied: AtomicU64,
    /// How long `process` may take, in nanoseconds.
    deadline: AtomicU64,
    /// Whether what it makes is to be shown to other processes.
    shares: AtomicBool,
    /// Which call runs and since when, if it is watched.
    busy: Busy,
    /// The thread that it runs on.
    thread: AtomicU32,
    readers: AtomicUsize,
    times: Histogram,
    summary: Mutex<String>,
    last_error: Mutex<Option<String>>,
}

// Relaxed throughout: each is a number on its own that one task writes and others only show.
pub(super) fn bump(counter: &AtomicU64, by: u64) {
    counter.store(counter.load(Ordering::Relaxed) + by, Ordering::Relaxed);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stats {
    pub(crate) fn new(name: String, actor: &'static str, dispatcher: &'static str) -> Self {
        Self {
            name,
            full_name: OnceLock::new(),
            is_sink: AtomicBool::default(),
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
            stalls: AtomicU64::default(),
            stale: AtomicU64::default(),
            copied: AtomicU64::default(),
            deadline: AtomicU64::new(UNKNOWN_DEADLINE.as_nanos() as u64),
            shares: AtomicBool::default(),
            busy: Busy::default(),
            thread: AtomicU32::default(),
            readers: AtomicUsize::default(),
            times: Histogram::new(),
            summary: Mutex::default(),
            last_error: Mutex::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.full_name.get().unwrap_or(&self.name)
    }

    /// Names it once and for all.
    pub(crate) fn set_name(&self, name: String) {
        self.full_name.get_or_init(|| name);
    }

    /// Whether its end counts as one of the graph's ends.
    pub(crate) fn is_sink(&self) -> bool {
        self.is_sink.load(Ordering::Relaxed)
    }

    pub(crate) fn set_sink(&self) {
        self.is_sink.store(true, Ordering::Relaxed);
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
            4 => ActorState::Stalled,
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

    pub(crate) fn stale(&self, total: u64) {
        self.stale.store(total, Ordering::Relaxed);
    }

    #[cfg(all(feature = "process", target_os = "linux"))]
    pub(crate) fn copied(&self, total: u64) {
        self.copied.store(total, Ordering::Relaxed);
    }

    /// How long `process` may take.
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub(crate) fn deadline(&self) -> Duration {
        Duration::from_nanos(self.deadline.load(Ordering::Relaxed))
    }

    pub(crate) fn set_deadline(&self, deadline: Duration) {
        let nanos = u64::try_from(deadline.as_nanos()).unwrap_or(u64::MAX);
        self.deadline.store(nanos, Ordering::Relaxed);
    }

    /// Whether an actor in another process reads what it makes.
    pub(crate) fn shares(&self) -> bool {
        self.shares.load(Ordering::Relaxed)
    }

    pub(crate) fn set_shares(&self) {
        self.shares.store(true, Ordering::Relaxed);
    }

    /// `process` begins, at a time that is not 0.
    #[inline]
    pub(crate) fn busy(&self, since: u64, thread: u32) {
        self.thread.store(thread, Ordering::Relaxed);
        self.busy.begin(Call::Process, since);
    }

    /// The thread that the call is on now; 0 while it waits.
    #[inline]
    pub(crate) fn on_thread(&self, thread: u32) {
        self.thread.store(thread, Ordering::Relaxed);
    }

    /// `process` has returned.
    #[inline]
    pub(crate) fn idle(&self) {
        self.busy.end();
        if self.state() == ActorState::Stalled {
            self.set_state(ActorState::Running);
        }
    }

    /// `on_start` or `on_stop` begins, at a time that is not 0; says what `returned` is to be given.
    pub(crate) fn opens_or_closes(&self, call: Call, since: u64) -> ActorState {
        self.busy.begin(call, since);
        self.state()
    }

    /// It has returned.
    pub(crate) fn returned(&self, before: ActorState) {
        self.busy.end();
        if self.state() == ActorState::Stalled {
            self.set_state(before);
        }
    }

    /// What runs, since when, and on which thread.
    pub(crate) fn is_busy(&self) -> Option<(Call, u64, u32)> {
        let (call, since) = self.busy.now()?;
        Some((call, since, self.thread.load(Ordering::Relaxed)))
    }

    /// Whether it is at work, and not known to be stalled.
    pub(crate) fn may_stall(&self) -> bool {
        matches!(self.state(), ActorState::Starting | ActorState::Running)
    }

    /// A call has run for too long; says whether that is news.
    pub(crate) fn stalled(&self, message: String) -> bool {
        let before = self.state();
        if !self.may_stall() {
            return false;
        }
        let (before, stalled) = (before as u8, ActorState::Stalled as u8);
        // Relaxed: a state to show. Exchanged, as the actor may be done at this moment.
        let changed =
            self.state
                .compare_exchange(before, stalled, Ordering::Relaxed, Ordering::Relaxed);
        if changed.is_err() {
            return false;
        }
        self.stalls.fetch_add(1, Ordering::Relaxed);
        *lock(&self.last_error) = Some(message);
        true
    }

    /// Nothing of it runs: if it was found stalled right after its call had returned, it is no more.
    pub(crate) fn is_back(&self) {
        let (stalled, running) = (ActorState::Stalled as u8, ActorState::Running as u8);
        // Relaxed: a state to show. Err: it is not stalled.
        let _ = self
            .state
            .compare_exchange(stalled, running, Ordering::Relaxed, Ordering::Relaxed);
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
        let before = [&self.errors, &self.panics].map(|count| count.load(Ordering::Relaxed));
        bump(if panicked { &self.panics } else { &self.errors }, 1);
        *lock(&self.last_error) = Some(message);
        before == [0, 0]
    }

    /// Ticks, missed, late, dropped, errors, panics, restarts, stalls and stale, without the words around them.
    #[cfg(feature = "metrics")]
    pub(crate) fn counts(&self) -> [u64; 9] {
        [
            &self.ticks,
            &self.missed,
            &self.late,
            &self.dropped,
            &self.errors,
            &self.panics,
            &self.restarts,
            &self.stalls,
            &self.stale,
        ]
        .map(|count| count.load(Ordering::Relaxed))
    }

    pub(crate) fn snapshot(&self) -> ActorStatus {
        let clock = self.clock();
        ActorStatus {
            name: self.name().to_owned(),
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
            stalls: self.stalls.load(Ordering::Relaxed),
            stale: self.stale.load(Ordering::Relaxed),
            copied: self.copied.load(Ordering::Relaxed),
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
    /// Where it runs: `"inline"`, `"tokio"`, `"threads"`, `"process"`.
    pub dispatcher: &'static str,
    /// The clock that its ticks come from, directly or through what feeds it; `None` while it has none.
    pub clock_id: Option<ClockId>,
    /// That clock's name.
    pub clock: Option<String>,
    /// Where it is in its life.
    pub state: ActorState,
    /// Ticks that it has worked on. Of an actor on `process` under `on_error = skip` those too on which it rests, and those on which
    /// its worker was lost.
    pub ticks: u64,
    /// Ticks that came while it was busy, or before it was looked at, and were merged into a later one.
    pub missed: u64,
    /// Ticks on which it did not wait any longer for all its inputs.
    pub late: u64,
    /// Items that were overwritten before its inputs had seen them. Of a quick actor on a virtual clock this is
    /// up to 31 ticks old, until it has stopped.
    pub dropped: u64,
    /// Errors that `process`, `on_start` and `on_stop` returned.
    pub errors: u64,
    /// Panics in them.
    pub panics: u64,
    /// How often it was closed and opened again after a failure; on `process` also how often it was put into another worker.
    pub restarts: u64,
    /// How often `process`, `on_start` or `on_stop` did not return within its deadline.
    pub stalls: u64,
    /// How often [`Input::latest_within`](super::Input::latest_within) found nothing young enough. As old as `dropped` may be.
    pub stale: u64,
    /// Bytes of pixels and samples that had to be copied on their way to an actor in another process, and back: 0 where
    /// they were made for that.
    pub copied: u64,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_found_stalled_after_it_had_returned_is_not_for_long() {
        let stats = Stats::new("late".to_owned(), "Late", "threads");
        stats.set_state(ActorState::Running);
        stats.busy(1, 1);
        assert_eq!(stats.is_busy(), Some((Call::Process, 1, 1)));
        // It returns between the look and what is made of it.
        stats.idle();
        assert!(stats.stalled("`process` has not returned".to_owned()));
        assert_eq!(
            (stats.state(), stats.is_busy()),
            (ActorState::Stalled, None)
        );
        stats.is_back();
        assert_eq!(stats.state(), ActorState::Running);
        // One that has ended stays where it is.
        stats.set_state(ActorState::Stopped);
        assert!(!stats.stalled("`process` has not returned".to_owned()));
        stats.is_back();
        assert_eq!(stats.state(), ActorState::Stopped);
    }

    #[test]
    fn the_first_failure_is_the_first_also_after_a_stall() {
        let stats = Stats::new("late".to_owned(), "Late", "threads");
        stats.set_state(ActorState::Running);
        assert!(stats.stalled("`process` has not returned".to_owned()));
        assert!(stats.failed("unplugged".to_owned(), false));
        assert!(!stats.failed("unplugged".to_owned(), true));
    }
}
