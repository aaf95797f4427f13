//! What both sides of a ring keep alive: the slots, and the desk where readers join and leave.

use crossbeam_utils::CachePadded;

use std::sync::OnceLock;

use super::place::Joining;
use crate::sync::{Arc, AtomicBool, AtomicUsize, UnsafeCell};
use crate::time::TimedTick;

/// One item's storage, on cache lines of its own.
pub(super) type Slot<T> = CachePadded<UnsafeCell<T>>;

pub(super) struct Shared<T> {
    pub(super) slots: Box<[Slot<T>]>,
    /// Readers on their way in.
    pub(super) joining: Joining,
    /// How many depths are free for readers to come; `total` when nobody reads.
    pub(super) free: AtomicUsize,
    /// How many depths the slots suffice for.
    pub(super) total: usize,
    /// How many readers there are.
    pub(super) readers: AtomicUsize,
    /// Whether the writer is gone.
    pub(super) closed: AtomicBool,
    /// The tick on which it went, if that is known; set before `closed` is.
    pub(super) closed_on: OnceLock<TimedTick>,
}

impl<T> Shared<T> {
    pub(super) fn new(slots: Vec<T>, total: usize, free: usize, readers: usize) -> Arc<Self> {
        Arc::new(Self {
            slots: slots
                .into_iter()
                .map(|item| CachePadded::new(UnsafeCell::new(item)))
                .collect(),
            joining: Joining::new(),
            free: AtomicUsize::new(free),
            total,
            readers: AtomicUsize::new(readers),
            closed: AtomicBool::new(false),
            closed_on: OnceLock::new(),
        })
    }
}

// SAFETY: a slot is written only by the writer while no reader has it (T: Send: it may be made, used
// and dropped on different threads), and read by several readers at once (T: Sync).
unsafe impl<T: Send + Sync> Sync for Shared<T> {}
// SAFETY: as above; it owns nothing that is tied to a thread.
unsafe impl<T: Send + Sync> Send for Shared<T> {}
