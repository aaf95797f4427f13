//! The workers that several actors share, of all graphs of the program.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::worker::Employed;
use crate::Result;

/// How many there are unless it is said otherwise.
const WORKERS: usize = 2;

static SIZE: AtomicUsize = AtomicUsize::new(WORKERS);
static POOL: Mutex<Vec<Weak<Employed>>> = Mutex::new(Vec::new());

pub(super) fn set_size(size: usize) {
    // Relaxed: a number that is looked at when the next actor starts.
    SIZE.store(size.max(1), Ordering::Relaxed);
}

/// A worker for one more actor: another one while there may be more, else that with the fewest actors.
///
/// # Errors
/// When none could be started.
pub(super) fn hire() -> Result<Arc<Employed>> {
    // Held while a worker starts, so that there are never more than there may be.
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    pool.retain(|worker| worker.upgrade().is_some_and(|worker| worker.takes_actors()));
    let live: Vec<_> = pool.iter().filter_map(Weak::upgrade).collect();
    // Relaxed: as above.
    if live.len() < SIZE.load(Ordering::Relaxed) {
        let worker = Arc::new(Employed::hire(None)?);
        pool.push(Arc::downgrade(&worker));
        return Ok(worker);
    }
    match live.into_iter().min_by_key(|worker| worker.seats()) {
        Some(worker) => Ok(worker),
        None => Employed::hire(None).map(Arc::new),
    }
}
