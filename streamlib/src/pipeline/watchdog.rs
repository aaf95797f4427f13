//! Tells of a call that does not return: one thread looks at all actors of the program, now and then.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::sharing::sharing;
use super::unwind::{Outcome, watched};
use super::whereabouts::{place, thread};
use crate::Result;
use crate::actor::{Call, Stats, clear_moment};

/// How long `process` may take where an actor says nothing else, and `on_start` and `on_stop` at least: a device takes
/// its time to open, however short the ticks are.
pub(super) const DEADLINE: Duration = Duration::from_secs(2);
/// The longest time between two looks.
const LOOK: Duration = Duration::from_millis(250);
/// The shortest.
const OFTEN: Duration = Duration::from_millis(10);

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// An instant as a number that is not 0.
#[inline(always)] // rustc leaves it a call where a probe may ask for it too
pub(super) fn nanos(instant: Instant) -> u64 {
    instant.saturating_duration_since(*START).as_nanos() as u64 + 1
}

/// An actor to be watched.
pub(crate) struct Watch {
    pub(super) stats: Arc<Stats>,
    /// How long its `process` may take.
    pub(super) deadline: Duration,
    /// Whom to ask whether its clock keeps real time, where that may change; otherwise it does.
    pub(super) paced: Option<Weak<dyn Paced>>,
}

/// What may be ticked by one clock now and by another later.
pub(super) trait Paced: Send + Sync {
    /// Whether its clock keeps real time: one that does not waits for it, however long it takes.
    fn is_paced(&self) -> bool;
}

/// Actors that are watched as long as this is held.
pub(crate) struct Watched(Vec<Watch>);

/// How late a look has to be for it to be said that the whole program stood still.
const STOOD_STILL: Duration = Duration::from_secs(1);
/// So many of the last times at which it did are remembered.
const STOPS: usize = 16;

/// The times at which the whole program stood still, which no call is blamed for.
#[derive(Default)]
struct Stops(Vec<(u64, Duration)>);

impl Stops {
    /// It is now, and a look has come so late.
    fn late(&mut self, now: u64, by: Duration) {
        if by > STOOD_STILL {
            self.0.truncate(STOPS - 1);
            self.0.insert(0, (now, by));
        }
    }

    /// How long a call has run that began at an instant, without the time for which nothing ran.
    fn run_time(&self, since: u64, now: u64) -> Duration {
        let stops = self.0.iter().filter(|(at, _)| *at > since);
        let time = Duration::from_nanos(now.saturating_sub(since));
        time.saturating_sub(stops.map(|(_, time)| *time).sum())
    }
}

#[derive(Default)]
struct Watchdog {
    watched: Mutex<State>,
    changed: Condvar,
    /// How many graphs are watched.
    live: AtomicUsize,
}

#[derive(Default)]
struct State {
    watched: Vec<Weak<Watched>>,
    runs: bool,
}

static WATCHDOG: LazyLock<Watchdog> = LazyLock::new(Watchdog::default);

fn lock() -> MutexGuard<'static, State> {
    WATCHDOG
        .watched
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// Watches actors.
pub(crate) fn watch(actors: Vec<Watch>) -> Arc<Watched> {
    LazyLock::force(&START);
    let watched = Arc::new(Watched(actors));
    if watched.0.is_empty() {
        return watched;
    }
    // Relaxed: a count, which says only when to wake a thread that looks under a lock.
    WATCHDOG.live.fetch_add(1, Ordering::Relaxed);
    let mut state = lock();
    state.watched.push(Arc::downgrade(&watched));
    if !state.runs {
        let thread = std::thread::Builder::new().name("streamlib watchdog".to_owned());
        // Where no thread can be had, nothing is told of what hangs.
        state.runs = thread.spawn(run).is_ok();
    }
    watched
}

impl Drop for Watched {
    fn drop(&mut self) {
        // Relaxed: as in `watch`. The last to go wakes the thread, which then ends.
        if !self.0.is_empty() && WATCHDOG.live.fetch_sub(1, Ordering::Relaxed) == 1 {
            WATCHDOG.changed.notify_all();
        }
    }
}

fn run() {
    // Used again and again: a look takes no memory.
    let mut all: Vec<Arc<Watched>> = Vec::new();
    let (mut stops, mut due) = (Stops(Vec::with_capacity(STOPS)), u64::MAX);
    let mut state = lock();
    loop {
        state.watched.retain(|watched| watched.strong_count() > 0);
        all.extend(state.watched.iter().filter_map(Weak::upgrade));
        if all.is_empty() {
            state.runs = false;
            return;
        }
        drop(state);
        let now = nanos(Instant::now());
        stops.late(now, Duration::from_nanos(now.saturating_sub(due)));
        let mut shortest = LOOK * 4;
        for watch in all.iter().flat_map(|watched| &watched.0) {
            shortest = shortest.min(watch.deadline);
            watch.look(&stops, now);
        }
        // Not under the lock: it may be the last hold, whose drop takes it.
        all.clear();
        state = lock();
        let pause = (shortest / 4).clamp(OFTEN, LOOK);
        // Counted from the beginning of this look: wherever the program stands still, the next one comes late.
        due = now + pause.as_nanos() as u64;
        state = WATCHDOG
            .changed
            .wait_timeout(state, pause)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
}

/// Opens or closes an actor, and lets the watchdog see it; what it makes is shared if `shares` says so.
pub(super) async fn seen<F: Future<Output = Result<()>> + Send>(
    stats: &Stats,
    call: Call,
    shares: bool,
    make: impl FnOnce() -> F + Send,
) -> Outcome {
    let before = stats.opens_or_closes(call, nanos(Instant::now()));
    let enter = || {
        clear_moment();
        stats.on_thread(thread());
        sharing(shares)
    };
    let outcome = watched(make, enter, || stats.on_thread(0)).await;
    stats.returned(before);
    outcome
}

impl Watch {
    /// Tells of a call that has run for longer than it may.
    fn look(&self, stops: &Stops, now: u64) {
        let stats = &*self.stats;
        let Some((call, since, thread)) = stats.is_busy() else {
            stats.is_back();
            return;
        };
        let deadline = match call {
            Call::Process => self.deadline,
            Call::OnStart | Call::OnStop => DEADLINE.max(self.deadline),
        };
        let time = stops.run_time(since, now);
        if time > deadline && stats.may_stall() && self.is_paced() {
            let place = place(thread);
            let message = format!(
                "`{call}` has not returned for {time:.1?} (deadline {deadline:?}): {place}"
            );
            tell(stats, message);
        }
    }

    fn is_paced(&self) -> bool {
        let asked = self.paced.as_ref().and_then(Weak::upgrade);
        asked.is_none_or(|asked| asked.is_paced())
    }
}

fn tell(stats: &Stats, message: String) {
    if stats.stalled(message.clone()) {
        let name = stats.name();
        tracing::error!(actor = name, "stalled: {message}");
        if !tracing::dispatcher::has_been_set() {
            // Nobody collects events; a hang that is told nowhere would be worse than this line.
            eprintln!("streamlib: `{name}` is stalled: {message}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_not_blamed_for_the_time_for_which_the_program_stood_still() {
        const SECOND: u64 = 1_000_000_000;
        let mut stops = Stops::default();
        stops.late(SECOND, Duration::from_millis(900));
        assert_eq!(stops.run_time(0, SECOND), Duration::from_secs(1));
        stops.late(5 * SECOND, Duration::from_secs(3));
        let run_time = |since, now| stops.run_time(since * SECOND, now * SECOND).as_secs();
        // It began before the stop, after it, and so long ago that it is to blame all the same.
        assert_eq!((run_time(1, 5), run_time(1, 7)), (1, 3));
        assert_eq!(run_time(5, 7), 2);
        for stop in 0..100 {
            stops.late((6 + stop) * SECOND, Duration::from_secs(2));
        }
        assert_eq!(stops.0.len(), STOPS);
    }
}
