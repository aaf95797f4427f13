//! Who is told of changes: of one after the other, in their order, and with nothing locked meanwhile.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::change::ClockChange;
use crate::time::ClockId;

/// What is called at each change.
pub(super) type Listener = Box<dyn FnMut(&ClockChange) + Send>;

/// The listeners, and what they have not been told yet.
#[derive(Default)]
pub(super) struct Audience(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    listeners: Vec<Listener>,
    news: VecDeque<ClockChange>,
    /// Whether somebody tells them now: whoever else has news leaves it to that one, a listener too.
    told: bool,
}

impl Audience {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, listener: Listener) {
        self.lock().listeners.push(listener);
    }

    /// Leaves news, to be told with the next [`tell`](Self::tell).
    pub(super) fn leave(&self, news: impl IntoIterator<Item = ClockChange>) {
        self.lock().news.extend(news);
    }

    /// Tells all news, unless somebody does so already.
    pub(super) fn tell(&self, clock: ClockId) {
        let mut inner = self.lock();
        if std::mem::replace(&mut inner.told, true) {
            return;
        }
        while let Some(change) = inner.news.pop_front() {
            let mut listeners = std::mem::take(&mut inner.listeners);
            drop(inner);
            tracing::info!(%clock, frame_number = change.frame_number, "{change}");
            listeners.retain_mut(|listener| {
                // It may be the clock's thread that tells, and that goes on.
                let returned = catch_unwind(AssertUnwindSafe(|| listener(&change))).is_ok();
                if !returned {
                    tracing::error!(%clock, "a listener to its changes has panicked, and hears no more");
                }
                returned
            });
            inner = self.lock();
            // Those that were added meanwhile come after.
            listeners.append(&mut inner.listeners);
            inner.listeners = listeners;
        }
        inner.told = false;
    }
}
