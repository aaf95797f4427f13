//! How a clock ticks a task that others feed on the same clock: each tick after all of them have handled it,
//! and at the latest when the next one comes.
//!
//! The sending end leaves the newest tick and the one before it, since a task that waits for what feeds it may be
//! a tick behind the clock. It wakes the task only when that has something to do: mostly it is the last of those that feed
//! it who does.

use std::sync::Arc;

use super::edge::{EdgeRx, Progress};
use super::signal::Signal;
use crate::clock::Subscriber;
use crate::ring::{Reader, Ring, Writer};
use crate::sync::{Ordering, fence};
use crate::time::{ClockId, TimedTick, Timestamp};

/// The newest tick of a clock, and the one before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    pub(super) tick: TimedTick,
    pub(super) before: Option<TimedTick>,
}

/// The sending end.
pub(super) struct BeatTx {
    signal: Arc<Signal>,
    /// What the task waits for.
    feeds: Vec<Arc<Progress>>,
    /// There until this is dropped.
    beats: Option<Writer<Beat>>,
    newest: Option<TimedTick>,
}

/// The receiving end.
pub(super) struct BeatRx {
    beats: Reader<Beat>,
    is_over: bool,
}

/// Lets a clock tick a task that waits for these edges.
pub(super) fn beat(signal: &Arc<Signal>, feeds: &[EdgeRx]) -> (BeatTx, BeatRx) {
    let tick = TimedTick {
        timestamp: Timestamp::default(),
        frame_number: 0,
        clock_id: ClockId::default(),
    };
    let first = || Beat { tick, before: None };
    let (writer, reader) = match Ring::builder().readers(1).build_with(first) {
        Ok((writer, mut readers)) => match readers.pop() {
            Some(reader) => (writer, reader),
            None => unreachable!("a ring has as many readers as it was built for"),
        },
        Err(error) => unreachable!("a ring of one reader: {error}"),
    };
    let feeds = feeds.iter().map(|edge| Arc::clone(&edge.progress));
    let tx = BeatTx {
        signal: Arc::clone(signal),
        feeds: feeds.collect(),
        beats: Some(writer),
        newest: None,
    };
    let rx = BeatRx {
        beats: reader,
        is_over: false,
    };
    (tx, rx)
}

impl Subscriber for BeatTx {
    fn tick(&mut self, tick: TimedTick) {
        let before = self.newest.replace(tick);
        if let Some(beats) = &mut self.beats {
            beats.write(Beat { tick, before });
        }
        // SeqCst: pairs with the fence in `BeatRx::newest`: either it is seen here that all have handled this
        // tick, or the tick is seen there by the task, which the last of them has woken.
        fence(Ordering::SeqCst);
        // Acquire: as in `Inbox`.
        let reached = self.feeds.iter();
        let reached = reached.map(|feed| feed.reached.load(Ordering::Acquire));
        let slowest = reached.min().unwrap_or(0);
        let is_overdue = |before: TimedTick| before.frame_number >= slowest;
        if tick.frame_number < slowest || before.is_some_and(is_overdue) {
            self.signal.notify();
        }
    }
}

impl Drop for BeatTx {
    fn drop(&mut self) {
        // First, so that the task finds it closed.
        self.beats = None;
        self.signal.notify();
    }
}

impl BeatRx {
    /// The newest tick, for a task that has looked how far its edges have come.
    pub(super) fn newest(&mut self) -> Option<Beat> {
        // SeqCst: pairs with the fence in `BeatTx::tick`.
        fence(Ordering::SeqCst);
        self.beats.latest().copied()
    }

    /// Whether the clock ticks no more.
    pub(super) fn is_over(&self) -> bool {
        self.is_over || self.beats.is_closed()
    }

    /// The clock is to tick no more, whether or not it knows yet.
    pub(super) fn close(&mut self) {
        self.is_over = true;
    }
}
