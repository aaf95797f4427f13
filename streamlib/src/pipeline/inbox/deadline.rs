//! How long a join waits for what feeds it: until its clock ticks again.

use std::sync::Arc;

use super::super::edge::{ENDED, Progress};
use super::super::signal::Signal;
use crate::clock::Subscriber;
use crate::sync::Ordering;
use crate::time::TimedTick;

/// Tells a join, on each tick of its clock, that what had come before waits no longer.
pub(super) struct Deadline {
    pub(super) signal: Arc<Signal>,
    pub(super) edges: Vec<Arc<Progress>>,
}

impl Subscriber for Deadline {
    fn tick(&mut self, tick: TimedTick) {
        // Acquire: pairs with the Release stores of `EdgeTx`.
        let reached = self
            .edges
            .iter()
            .map(|edge| edge.reached.load(Ordering::Acquire));
        let fastest = reached
            .filter(|&reached| reached != ENDED)
            .max()
            .unwrap_or(0)
            // Some may have handled this very tick already, which waits until the next.
            .min(tick.frame_number);
        // Relaxed: only this subscriber writes it.
        if fastest > self.signal.expired.load(Ordering::Relaxed) {
            // Release: pairs with the Acquire load in `Inbox::take`.
            self.signal.expired.store(fastest, Ordering::Release);
            self.signal.notify();
        }
    }
}
