//! The timeline of a genlock clock: the loop, behind a lock, and what became of its source.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::phase_lock::PhaseLock;
use crate::clock::{ClockState, ClockStatus, Timeline, monotonic};
use crate::time::Timestamp;

/// The timeline of a genlock clock.
pub(super) struct Train {
    pub(super) describe: String,
    pub(super) state: Mutex<State>,
    /// Told when the rate is known.
    pub(super) found: Condvar,
}

pub(super) struct State {
    pub(super) lock: PhaseLock,
    /// What became of the source.
    pub(super) trouble: Option<String>,
    /// What was said of the rates when it was too late.
    pub(super) refused: Option<String>,
    /// Until when `rate` waits.
    pub(super) patience: Option<Timestamp>,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Train {
    pub(super) fn new(describe: String) -> Self {
        Self {
            describe,
            state: Mutex::new(State {
                lock: PhaseLock::new(),
                trouble: None,
                refused: None,
                patience: None,
            }),
            found: Condvar::new(),
        }
    }

    /// Takes an edge; whether there was time before it, or is none yet, and whether it is the first that is refused for its stamp.
    pub(super) fn edge(&self, edge: Timestamp) -> (bool, bool) {
        let mut state = lock(&self.state);
        let now = monotonic::now();
        let before = (state.lock.rates().is_some(), state.lock.due(0).is_some());
        let refused = state.lock.misstamped();
        state.lock.push(edge, now);
        state.trouble = None;
        let after = (state.lock.rates().is_some(), state.lock.due(0).is_some());
        if before.0 != after.0 {
            self.found.notify_all();
        }
        let first_refused = refused == 0 && state.lock.misstamped() == 1;
        (before.1 == after.1, first_refused)
    }

    /// Remembers why there are no edges; whether it is something new.
    pub(super) fn trouble(&self, trouble: String) -> bool {
        let mut state = lock(&self.state);
        let news = state.trouble.as_ref() != Some(&trouble);
        state.trouble = Some(trouble);
        self.found.notify_all();
        news
    }
}

impl Timeline for Train {
    fn newest(&self, monotonic: Timestamp) -> Option<u64> {
        lock(&self.state).lock.newest(monotonic)
    }

    fn due(&self, frame_number: u64) -> Option<Timestamp> {
        lock(&self.state).lock.due(frame_number)
    }

    fn timestamp(&self, frame_number: u64) -> Timestamp {
        lock(&self.state).lock.timestamp(frame_number)
    }

    fn time(&self, monotonic: Timestamp) -> Timestamp {
        lock(&self.state).lock.time(monotonic)
    }

    fn status(&self) -> ClockStatus {
        let state = lock(&self.state);
        let snapshot = state.lock.without_search();
        let more = [state.trouble.clone(), state.refused.clone()];
        // The clock's thread may be waiting, and words take their time.
        drop(state);
        let now = monotonic::now();
        let mut detail = format!("{}: {}", self.describe, snapshot.detail(now));
        for words in more.iter().flatten() {
            detail.push_str("; ");
            detail.push_str(words);
        }
        ClockStatus::new(snapshot.state(now), detail)
    }

    fn state(&self) -> ClockState {
        lock(&self.state).lock.state(monotonic::now())
    }

    fn locks_within(&self) -> Duration {
        lock(&self.state).lock.locks_within()
    }
}
