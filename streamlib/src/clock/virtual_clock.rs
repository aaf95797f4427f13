//! A clock that ticks when it is told to: for tests, and for files rendered as fast as they can be.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::broadcast::{Broadcast, Subscriber, Subscribers, Subscription};
use super::{Clock, Lockstep};
use crate::time::{ClockId, IntoRate, Rate, TimedTick, Timestamp};
use crate::{Error, Result};

/// The most ticks that a task is given at once.
const BURST: u64 = 256;

/// Ticks in lockstep: each tick waits until all the work of the one before it is done.
///
/// Nothing is ever late or merged, whatever the machine does meanwhile, so that a graph gives the same
/// bytes on every run. Its time starts at 0; clones are the same clock. Inside `process` the time is
/// the tick's `timestamp`; the clock itself may be some ticks ahead.
///
/// ```
/// use streamlib::prelude::*;
///
/// # #[streamlib::main]
/// # async fn main() -> Result<()> {
/// let clock = VirtualClock::new(Rate::fps(50));
/// clock.advance(100).await?; // nobody is listening yet
/// assert_eq!(clock.now().as_secs_f64(), 2.0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct VirtualClock(Arc<Inner>);

struct Inner {
    id: ClockId,
    rate: Rate,
    broadcast: Broadcast,
    /// Not here while an `advance` ticks them.
    subscribers: Mutex<Option<Subscribers>>,
    next: AtomicU64,
    lockstep: Lockstep,
}

impl VirtualClock {
    /// A clock of `rate` that stands at its tick 0. An invalid rate is an error of `advance` and of
    /// the graph that uses the clock.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let (broadcast, subscribers) = Broadcast::new();
        Self(Arc::new_cyclic(|weak: &Weak<Inner>| {
            let weak = weak.clone();
            broadcast.on_change(move || {
                if let Some(inner) = weak.upgrade() {
                    inner.settle();
                }
            });
            Inner {
                id: ClockId::new_unique(),
                rate,
                broadcast,
                subscribers: Mutex::new(Some(subscribers)),
                next: AtomicU64::new(0),
                lockstep: Lockstep::default(),
            }
        }))
    }

    /// A clock of `fps` ticks a second.
    #[must_use]
    pub fn fps(fps: impl IntoRate) -> Self {
        Self::new(Rate::fps(fps))
    }

    /// Ticks `ticks` times, and returns when all the work of the last one is done.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the clock's rate can't be ticked at; [`Error::Graph`] if another task is
    /// advancing this clock.
    pub async fn advance(&self, ticks: u64) -> Result<()> {
        self.0.rate.check()?;
        let Some(subscribers) = self.0.lock().take() else {
            return Err(Error::graph(
                "this virtual clock is being advanced by another task; advance it from one at a time",
            ));
        };
        // Puts the subscribers back also when this future is dropped halfway.
        let mut turn = Turn {
            clock: &self.0,
            subscribers: Some(subscribers),
        };
        // One that was dropped halfway has left work in flight.
        self.0.lockstep.idle().await;
        let mut left = ticks;
        while left > 0 {
            left -= turn.tick(left.min(BURST));
            self.0.lockstep.idle().await;
        }
        Ok(())
    }

    /// The number of ticks so far, which is the number that the next one has.
    #[must_use]
    pub fn frame_number(&self) -> u64 {
        // Relaxed: one number, read on its own.
        self.0.next.load(Ordering::Relaxed)
    }
}

struct Turn<'a> {
    clock: &'a Inner,
    subscribers: Option<Subscribers>,
}

impl Turn<'_> {
    /// Ticks up to `most` times, once unless nobody listens or the only subscriber needs no clock
    /// between its ticks; says how often.
    fn tick(&mut self, most: u64) -> u64 {
        let Inner {
            id,
            rate,
            next,
            lockstep,
            ..
        } = self.clock;
        // Relaxed: only the holder of the subscribers writes it.
        let frame_number = next.load(Ordering::Relaxed);
        let tick = TimedTick {
            timestamp: Timestamp::default() + rate.time_of(frame_number),
            frame_number,
            clock_id: *id,
        };
        let mut ticks = 1;
        if let Some(subscribers) = &mut self.subscribers {
            // One count of the clock's own, so that none of the subscribers brings it to 0 before the
            // last has its tick.
            lockstep.add(1);
            let nobody = subscribers.refresh() == 0;
            // Before the actors look at it, so that `now` is the same on every run.
            next.store(frame_number + most, Ordering::Relaxed);
            if nobody || (most > 1 && subscribers.burst(tick, most)) {
                ticks = most;
            } else {
                next.store(frame_number + 1, Ordering::Relaxed);
                subscribers.tick(tick);
            }
            lockstep.done(1);
        }
        next.store(frame_number + ticks, Ordering::Relaxed);
        ticks
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.clock.lock() = self.subscribers.take();
        self.clock.settle();
    }
}

impl Inner {
    /// Takes over a change of the list while the clock stands still, so that an actor whose clock
    /// was taken away ends without waiting for the next tick.
    fn settle(&self) {
        if let Some(subscribers) = &mut *self.lock() {
            subscribers.refresh();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Subscribers>> {
        self.subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for VirtualClock {
    fn id(&self) -> ClockId {
        self.0.id
    }

    fn name(&self) -> &str {
        "virtual"
    }

    fn rate(&self) -> Rate {
        self.0.rate
    }

    fn now(&self) -> Timestamp {
        Timestamp::default() + self.0.rate.time_of(self.frame_number())
    }

    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        self.0.rate.check()?;
        let mut subscription = self.0.broadcast.subscribe(subscribers);
        // It ticks only when it is told to, so there is nothing to wait for; and an `advance` right
        // after the graph was built must reach it.
        subscription.start();
        Ok(subscription)
    }

    fn lockstep(&self) -> Option<&Lockstep> {
        Some(&self.0.lockstep)
    }
}

impl fmt::Debug for VirtualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VirtualClock {} at {}", self.0.id, self.0.rate)
    }
}
