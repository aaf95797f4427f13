//! Where a thread leaves its events: a queue that never waits and never grows.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_queue::ArrayQueue;

use super::event::Event;

/// The events of a thread that are kept until they are written.
const KEPT: usize = 8_192;

/// The events of one thread for one trace.
pub(super) struct Lane {
    events: ArrayQueue<Event>,
    dropped: AtomicU64,
    pub(super) thread: u64,
    pub(super) name: String,
}

thread_local! {
    /// This thread's lanes, by the numbers of their traces: seldom more than one.
    static LANES: RefCell<Vec<(u64, Arc<Lane>)>> = const { RefCell::new(Vec::new()) };
    static THREAD: u64 = thread_number();
}

/// The number of this thread, as the operating system's tools show it.
pub(in crate::profile) fn thread() -> u64 {
    THREAD.try_with(|thread| *thread).unwrap_or(0)
}

#[cfg(target_os = "linux")]
fn thread_number() -> u64 {
    rustix::thread::gettid().as_raw_nonzero().get() as u64
}

#[cfg(not(target_os = "linux"))]
fn thread_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Relaxed: only the count has to be unique.
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Leaves an event in this thread's lane for the trace of this number, which `open` makes at the first.
pub(super) fn push(trace: u64, event: Event, open: impl FnOnce(Arc<Lane>) -> bool) {
    // Err: the thread is at its end, and has no lanes any more.
    let _ = LANES.try_with(|lanes| {
        let mut lanes = lanes.borrow_mut();
        if let Some((_, lane)) = lanes.iter().find(|(id, _)| *id == trace) {
            lane.push(event);
            return;
        }
        let name = std::thread::current().name().map(str::to_owned);
        let lane = Arc::new(Lane {
            events: ArrayQueue::new(KEPT),
            dropped: AtomicU64::new(0),
            thread: thread(),
            name: name.unwrap_or_else(|| "thread".to_owned()),
        });
        lane.push(event);
        // The traces that have ended are forgotten here.
        lanes.retain(|(_, lane)| Arc::strong_count(lane) > 1);
        if open(Arc::clone(&lane)) {
            lanes.push((trace, lane));
        }
    });
}

impl Lane {
    fn push(&self, event: Event) {
        if self.events.push(event).is_err() {
            // Relaxed: a number on its own.
            self.dropped.fetch_add(event.count(), Ordering::Relaxed);
        }
    }

    pub(super) fn pop(&self) -> Option<Event> {
        self.events.pop()
    }

    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    /// The events that were left out since this was asked last.
    pub(super) fn take_dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }
}
