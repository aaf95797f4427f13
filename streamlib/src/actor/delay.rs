//! `delay(n)`: an input that gets what was published n ticks before the one that its actor works on.
//!
//! The items in between are kept by cloning them, which for a frame is the count of a reference. As
//! long as nothing that old is there, the input is empty.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::stamped::Stamped;
use crate::ring::{Policy, Reader};

/// The longest delay, in ticks: a minute at 60 fps.
pub(crate) const LONGEST: usize = 3600;

/// The number of the tick that an actor works on, for its delayed inputs.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct TickNumber(Arc<AtomicU64>);

impl TickNumber {
    #[inline]
    pub(crate) fn set(&self, frame_number: u64) {
        // Relaxed: the actor that reads it runs right after, in the same task.
        self.0.store(frame_number, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        // Relaxed: as in `set`.
        self.0.load(Ordering::Relaxed)
    }
}

/// A delay, to be given to an input.
#[doc(hidden)]
pub struct Delayed<T> {
    ticks: usize,
    now: TickNumber,
    clone: fn(&T) -> T,
}

impl<T> Delayed<T> {
    pub(crate) fn new(ticks: usize, now: TickNumber) -> Self
    where
        T: Clone,
    {
        Self {
            ticks,
            now,
            clone: T::clone,
        }
    }

    /// As it was given; the graph tells of one that is impossible when it starts.
    pub(crate) fn ticks(&self) -> usize {
        self.ticks
    }

    /// What reads the ring: every item, so that none of them is missing n ticks later.
    pub(crate) fn policy(&self, policy: Policy) -> Policy {
        let spare = match policy {
            Policy::Latest => 2,
            Policy::Every { depth } => depth,
        };
        Policy::Every {
            depth: self.ticks.min(LONGEST) + spare,
        }
    }
}

/// The items of a delayed input that are still to come, and the one that is due.
pub(super) struct Delay<T> {
    by: Delayed<T>,
    /// Oldest first.
    kept: VecDeque<Stamped<T>>,
    /// Whether the oldest has been given out.
    is_told: bool,
}

impl<T> Delay<T> {
    pub(super) fn new(by: Delayed<T>) -> Self {
        let room = 2 * (by.ticks.min(LONGEST) + 2);
        Self {
            by,
            kept: VecDeque::with_capacity(room),
            is_told: false,
        }
    }

    /// The newest item that is old enough.
    pub(super) fn latest(&mut self, reader: &mut Reader<Stamped<T>>) -> Option<&Stamped<T>> {
        self.keep(reader);
        while self.is_due(1) {
            self.step();
        }
        if !self.is_due(0) {
            return None;
        }
        self.is_told = true;
        Some(&self.kept[0])
    }

    /// An item that is old enough and that was not given out yet.
    pub(super) fn next(
        &mut self,
        reader: &mut Reader<Stamped<T>>,
        policy: Policy,
    ) -> Option<&Stamped<T>> {
        self.keep(reader);
        if self.is_told && self.is_due(1) {
            self.step();
        }
        while policy == Policy::Latest && self.is_due(1) {
            self.step();
        }
        if self.is_told || !self.is_due(0) {
            return None;
        }
        self.is_told = true;
        Some(&self.kept[0])
    }

    /// Whether `next` would give an item now.
    pub(super) fn has_new(&mut self, reader: &mut Reader<Stamped<T>>) -> bool {
        self.keep(reader);
        self.is_due(usize::from(self.is_told))
    }

    /// Whether something that was published is not old enough yet.
    pub(super) fn is_to_come(&mut self, reader: &mut Reader<Stamped<T>>) -> bool {
        self.keep(reader);
        !self.kept.is_empty() && !self.is_due(self.kept.len() - 1)
    }

    fn step(&mut self) {
        self.kept.pop_front();
        self.is_told = false;
    }

    fn keep(&mut self, reader: &mut Reader<Stamped<T>>) {
        while let Some(item) = reader.next() {
            if let Some(value) = item.item() {
                self.kept
                    .push_back(Stamped::new((self.by.clone)(value), item.tick()));
            }
        }
    }

    fn is_due(&self, place: usize) -> bool {
        let due = self.by.now.get().checked_sub(self.by.ticks as u64);
        self.kept
            .get(place)
            .is_some_and(|item| due.is_some_and(|due| item.tick().frame_number <= due))
    }
}
