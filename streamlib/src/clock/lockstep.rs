//! Counts the work that a tick has set off, so that a clock can wait for all of it.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use crate::sync::{AtomicUsize, AtomicWaker, Ordering};

/// How often `idle` looks again before it gives up its thread: about what a wake-up would cost.
const SPINS: usize = 200;

/// The work in flight on a clock that waits for it: one count for each signal that has been sent and
/// whose receiver has not yet come to rest again.
#[derive(Clone, Debug, Default)]
pub struct Lockstep(Arc<State>);

#[derive(Debug, Default)]
struct State {
    pending: AtomicUsize,
    waker: AtomicWaker,
}

impl Lockstep {
    /// Counts `signals` more as in flight; called before they can be seen by their receivers.
    #[inline]
    pub fn add(&self, signals: usize) {
        // Relaxed: the signal itself carries the data, and the count can't reach 0 in between, since
        // whoever adds holds a count of its own.
        self.0.pending.fetch_add(signals, Ordering::Relaxed);
    }

    /// Counts `signals` as dealt with, with all that they set off.
    #[inline]
    pub fn done(&self, signals: usize) {
        // AcqRel: the release makes the work visible to the Acquire load in `idle`; the acquire chains
        // the releases of the others before the last one wakes the clock.
        if signals > 0 && self.0.pending.fetch_sub(signals, Ordering::AcqRel) == signals {
            self.0.waker.wake();
        }
    }

    /// How many signals are in flight.
    #[cfg(test)]
    pub(crate) fn in_flight(&self) -> usize {
        // Acquire: as in `idle`.
        self.0.pending.load(Ordering::Acquire)
    }

    /// Waits until nothing is in flight.
    pub async fn idle(&self) {
        poll_fn(|cx| {
            for _ in 0..SPINS {
                // Acquire: pairs with the release in `done`.
                if self.0.pending.load(Ordering::Acquire) == 0 {
                    return Poll::Ready(());
                }
                std::hint::spin_loop();
            }
            self.0.waker.register(cx.waker());
            // Acquire: as above; looked at again because the last `done` may have come before the waker.
            if self.0.pending.load(Ordering::Acquire) == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}
