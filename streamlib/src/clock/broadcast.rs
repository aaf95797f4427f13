//! One tick to every subscriber: the list that a clock ticks, and how it is changed while it ticks.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::time::TimedTick;

/// What a clock ticks. It is dropped when its [`Subscription`] is, or when the clock is gone, and
/// takes that as the end of the ticks.
pub trait Subscriber: Send {
    /// Takes a tick, quickly: the next subscriber gets it after this one has returned.
    fn tick(&mut self, tick: TimedTick);

    /// Takes this tick and those that follow it, `count` in all, at once; false if it wants them one
    /// by one. Only a clock that waits for the work of each tick asks, and only its single subscriber.
    fn burst(&mut self, first: TimedTick, count: u64) -> bool {
        let _ = (first, count);
        false
    }
}

enum Change {
    Add(u64, Vec<Box<dyn Subscriber>>),
    Remove(u64),
}

#[derive(Default)]
struct Shared {
    changes: Mutex<Vec<Change>>,
    changed: AtomicBool,
    next_key: AtomicU64,
    /// Told after each change, so that a sleeping clock looks at it.
    wake: Mutex<Option<Box<dyn Fn() + Send>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn push(&self, change: Change) {
        lock(&self.changes).push(change);
        // Release: pairs with the Acquire swap in `Subscribers::refresh`.
        self.changed.store(true, Ordering::Release);
        if let Some(wake) = &*lock(&self.wake) {
            wake();
        }
    }
}

/// The changeable half of a clock's list of subscribers; the clock's ticking thread owns the other
/// half, [`Subscribers`], so that a tick takes no lock.
#[derive(Clone, Default)]
pub struct Broadcast(Arc<Shared>);

impl Broadcast {
    /// An empty list, and the half that ticks it.
    #[must_use]
    pub fn new() -> (Self, Subscribers) {
        let broadcast = Self::default();
        let subscribers = Subscribers {
            shared: Arc::clone(&broadcast.0),
            list: Vec::new(),
        };
        (broadcast, subscribers)
    }

    /// Calls `wake` after each change of the list.
    pub fn on_change(&self, wake: impl Fn() + Send + 'static) {
        *lock(&self.0.wake) = Some(Box::new(wake));
    }

    /// A subscription that adds `subscribers` when it is started.
    pub fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Subscription {
        // Relaxed: only uniqueness matters.
        let key = self.0.next_key.fetch_add(1, Ordering::Relaxed);
        Subscription {
            shared: Arc::clone(&self.0),
            key,
            waiting: Some(subscribers),
        }
    }
}

/// Keeps subscribers on a clock; dropping it takes them off.
#[must_use = "dropping a subscription ends it"]
pub struct Subscription {
    shared: Arc<Shared>,
    key: u64,
    waiting: Option<Vec<Box<dyn Subscriber>>>,
}

impl Subscription {
    /// Lets the ticks come, from the clock's next one on. A second call does nothing.
    pub fn start(&mut self) {
        if let Some(subscribers) = self.waiting.take() {
            self.shared.push(Change::Add(self.key, subscribers));
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if self.waiting.is_none() {
            self.shared.push(Change::Remove(self.key));
        }
    }
}

/// The ticking half of a [`Broadcast`].
pub struct Subscribers {
    shared: Arc<Shared>,
    list: Vec<(u64, Box<dyn Subscriber>)>,
}

impl Subscribers {
    /// Takes over what was added and removed since the last call; says how many subscribers there are.
    pub fn refresh(&mut self) -> usize {
        // Acquire: pairs with the Release store in `Shared::push`.
        if self.shared.changed.swap(false, Ordering::Acquire) {
            let changes = std::mem::take(&mut *lock(&self.shared.changes));
            for change in changes {
                match change {
                    Change::Add(key, new) => {
                        self.list
                            .extend(new.into_iter().map(|subscriber| (key, subscriber)));
                    }
                    Change::Remove(key) => self.list.retain(|(other, _)| *other != key),
                }
            }
        }
        self.list.len()
    }

    /// Gives `tick` to every subscriber.
    pub fn tick(&mut self, tick: TimedTick) {
        for (_, subscriber) in &mut self.list {
            subscriber.tick(tick);
        }
    }

    /// Gives `count` ticks to the only subscriber at once; false if there are others, or if it wants
    /// them one by one.
    pub fn burst(&mut self, first: TimedTick, count: u64) -> bool {
        match &mut *self.list {
            [(_, subscriber)] => subscriber.burst(first, count),
            _ => false,
        }
    }
}
