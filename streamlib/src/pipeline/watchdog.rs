//! Tells of a call that does not return: one thread looks at all actors of the program, now and then.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::sharing::sharing;
use super::unwind::{Outcome, watched};
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

/// Actors that are watched as long as this is held.
pub(crate) struct Watched(Vec<(Arc<Stats>, Duration)>);

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

/// Watches actors, each with the time that its `process` may take.
pub(crate) fn watch(actors: Vec<(Arc<Stats>, Duration)>) -> Arc<Watched> {
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
        let mut shortest = LOOK * 4;
        for (stats, deadline) in all.iter().flat_map(|watched| &watched.0) {
            shortest = shortest.min(*deadline);
            let Some((call, since, thread)) = stats.is_busy() else {
                stats.is_back();
                continue;
            };
            let time = Duration::from_nanos(now.saturating_sub(since));
            let deadline = match call {
                Call::Process => *deadline,
                Call::OnStart | Call::OnStop => DEADLINE.max(*deadline),
            };
            if time > deadline {
                let place = place(thread);
                let message = format!(
                    "`{call}` has not returned for {time:.1?} (deadline {deadline:?}): {place}"
                );
                tell(stats, message);
            }
        }
        // Not under the lock: it may be the last hold, whose drop takes it.
        all.clear();
        state = lock();
        let pause = (shortest / 4).clamp(OFTEN, LOOK);
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

/// Where a thread is, as far as the system says.
fn place(thread: u32) -> String {
    if thread == 0 {
        return "it waits at an `.await`".to_owned();
    }
    let read = |what: &str| {
        let path = format!("/proc/self/task/{thread}/{what}");
        std::fs::read_to_string(path).map(|text| text.trim().to_owned())
    };
    let name = read("comm").map_or_else(|_| String::new(), |name| format!(" `{name}`"));
    let state = read("stat").ok().and_then(|text| {
        let (_, after) = text.rsplit_once(") ")?;
        Some(match after.chars().next()? {
            'R' => "runs",
            'D' => "waits for a device",
            'T' | 't' => "was suspended",
            _ => "sleeps",
        })
    });
    let within = read("wchan")
        .ok()
        .filter(|name| !matches!(&name[..], "" | "0"));
    let within = within.map_or_else(String::new, |name| format!(" in {name}"));
    format!(
        "thread {thread}{name} {}{within}",
        state.unwrap_or("is busy")
    )
}

/// The number by which the system knows this thread.
#[inline]
pub(super) fn thread() -> u32 {
    #[cfg(target_os = "linux")]
    {
        thread_local! {
            static ID: u32 = rustix::thread::gettid().as_raw_nonzero().get() as u32;
        }
        ID.with(|id| *id)
    }
    #[cfg(not(target_os = "linux"))]
    {
        1
    }
}
