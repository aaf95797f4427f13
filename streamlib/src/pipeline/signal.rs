//! What wakes a task, and what it is told while it runs: edges that come and go, and the end.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use super::edge::{EdgeRx, EdgeTx, Progress, edge};
use crate::clock::Lockstep;
use crate::sync::{AtomicBool, AtomicU64, AtomicWaker, Ordering};
use crate::time::{ClockId, Rate};

/// Set in `Signal::in_flight` when nobody will take the signals any more.
const CLOSED: u64 = 1 << 63;

/// What wakes a task, shared by all its edges.
#[derive(Default)]
pub(crate) struct Signal {
    pub(super) waker: AtomicWaker,
    lockstep: OnceLock<Lockstep>,
    /// Signals that the clock waits for and that the task has not dealt with, under lockstep.
    in_flight: AtomicU64,
    /// Joins: all that had arrived by the last tick of the clock, which waits no longer.
    pub(super) expired: AtomicU64,
    changed: AtomicBool,
    changes: Mutex<Changes>,
}

/// What was not taken yet.
#[derive(Default)]
struct Changes {
    list: Vec<Change>,
    /// Whether nothing will be.
    are_over: bool,
}

pub(super) enum Change {
    Add(EdgeRx),
    Remove(Weak<Progress>),
    End,
}

impl Signal {
    pub(crate) fn set_lockstep(&self, lockstep: &Lockstep) {
        // A task has one clock; a second call would set the same one.
        let _ = self.lockstep.set(lockstep.clone());
    }

    pub(super) fn notify(&self) {
        if let Some(lockstep) = self.lockstep.get() {
            lockstep.add(1);
            // AcqRel: pairs with `close`: either the task counts this signal when it closes, or it is
            // seen here that it has closed.
            if self.in_flight.fetch_add(1, Ordering::AcqRel) & CLOSED != 0 {
                lockstep.done(1);
            }
        }
        self.waker.wake();
    }

    pub(super) fn in_flight(&self) -> u64 {
        // Acquire: the signals counted here are seen by the look at the edges that follows.
        self.in_flight.load(Ordering::Acquire) & !CLOSED
    }

    pub(super) fn dealt_with(&self, signals: u64) {
        if signals > 0
            && let Some(lockstep) = self.lockstep.get()
        {
            // Relaxed: the count's own arithmetic; `done` orders the work.
            self.in_flight.fetch_sub(signals, Ordering::Relaxed);
            lockstep.done(signals as usize);
        }
    }

    pub(super) fn close(&self) {
        // AcqRel: pairs with `notify`.
        let left = self.in_flight.fetch_or(CLOSED, Ordering::AcqRel) & !CLOSED;
        if let Some(lockstep) = self.lockstep.get() {
            lockstep.done(left as usize);
        }
        let over = Changes {
            are_over: true,
            ..Changes::default()
        };
        let left = std::mem::replace(&mut *self.changes(), over);
        // Not under the lock: it drops edges.
        drop(left);
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: Change) {
        {
            let mut changes = self.changes();
            if changes.are_over {
                return;
            }
            changes.list.push(change);
        }
        // Release: pairs with the Acquire swap in `take_changes`.
        self.changed.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Something is known that was not: the task looks again.
    pub(super) fn look(&self) {
        self.waker.wake();
    }

    /// Whether there are changes to take.
    #[inline]
    pub(super) fn has_changes(&self) -> bool {
        // Relaxed: a hint; `take_changes` looks properly.
        self.changed.load(Ordering::Relaxed)
    }

    /// What has changed since the last call.
    pub(super) fn take_changes(&self) -> Vec<Change> {
        // Acquire: pairs with the Release store in `change`.
        if self.changed.swap(false, Ordering::Acquire) {
            std::mem::take(&mut self.changes().list)
        } else {
            Vec::new()
        }
    }

    /// A further edge into a task that runs, and what it will be ticked by, if that is known.
    pub(crate) fn add(self: &Arc<Self>, expected: Option<(ClockId, Rate)>) -> (EdgeTx, Unedge) {
        let (mut tx, rx) = edge(self, 0);
        // Any edge that is added later may lead on to a join.
        tx.passes = true;
        if let Some((clock, rate)) = expected {
            rx.progress.expect(clock, rate);
        }
        let unedge = Unedge(Arc::downgrade(&rx.progress));
        self.change(Change::Add(rx));
        (tx, unedge)
    }

    pub(crate) fn remove(&self, edge: Unedge) {
        self.change(Change::Remove(edge.0));
    }

    /// Ends a task that would otherwise wait for more edges.
    pub(crate) fn end(&self) {
        self.change(Change::End);
    }
}

/// Names an edge that is to be removed.
pub(crate) struct Unedge(Weak<Progress>);

impl Unedge {
    /// To tell the edge, as long as it is there, what it will be ticked by.
    pub(super) fn progress(&self) -> Weak<Progress> {
        Weak::clone(&self.0)
    }
}
