//! The threads that help with bands: made once, asleep while nobody calls.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use crate::clock::Precision;
use crate::clock::precision::{follow, of_this_thread};

/// The most threads that help: beyond these, pictures are limited by memory.
const MOST_HANDS: usize = 7;

/// Calls that wait for help at one time without an allocation.
const CALLS: usize = 64;

/// The threads of the program that help.
pub(super) struct Crew {
    state: Mutex<State>,
    /// Somebody calls.
    called: Condvar,
    /// A hand has left a call.
    left: Condvar,
    hands: OnceLock<usize>,
}

struct State {
    calls: Vec<Call>,
    next_id: u64,
}

static CREW: Crew = Crew {
    state: Mutex::new(State {
        calls: Vec::new(),
        next_id: 0,
    }),
    called: Condvar::new(),
    left: Condvar::new(),
    hands: OnceLock::new(),
};

/// Work that hands are wanted for.
struct Call {
    id: u64,
    /// Not `'static` but as long as the call is in the list.
    work: &'static (dyn Fn() + Sync),
    /// That of who calls: help that comes later than the others of a graph is none.
    precision: Option<Precision>,
    wanted: usize,
    inside: usize,
    panic: Option<Box<dyn Any + Send>>,
}

impl Crew {
    /// That of the program, whose threads are made the first time.
    pub fn found() -> &'static Self {
        CREW.hands.get_or_init(|| {
            CREW.lock().calls.reserve(CALLS);
            let cores = thread::available_parallelism().map_or(1, usize::from);
            let hands = 0..(cores - 1).min(MOST_HANDS);
            let is_made = |_: &usize| {
                let thread = thread::Builder::new().name("streamlib-bands".to_owned());
                thread.spawn(|| CREW.help()).is_ok()
            };
            hands.take_while(is_made).count()
        });
        &CREW
    }

    /// How many threads there are beside the caller's: none on a machine with one core, or that can make none.
    pub fn hands(&self) -> usize {
        self.hands.get().copied().unwrap_or(0)
    }

    /// Runs `work` here and on up to `wanted` threads beside, as many as are free, until all have returned. It shares
    /// out among its callers what there is to do, and returns when nothing is left.
    ///
    /// # Panics
    /// As `work` does, on whatever thread, when all have left it.
    pub fn run(&self, wanted: usize, work: &(dyn Fn() + Sync)) {
        // SAFETY: the reference is gone from the list, and no hand is inside, before this function returns or unwinds:
        // `leave` waits for that, and nothing between here and there panics.
        let lasting =
            unsafe { std::mem::transmute::<&(dyn Fn() + Sync), &'static (dyn Fn() + Sync)>(work) };
        let id = self.call(wanted, lasting);
        let own = catch_unwind(AssertUnwindSafe(work)).err();
        if let Some(panic) = own.or(self.leave(id)) {
            resume_unwind(panic);
        }
    }

    fn call(&self, wanted: usize, work: &'static (dyn Fn() + Sync)) -> u64 {
        let mut state = self.lock();
        let id = state.next_id;
        state.next_id += 1;
        state.calls.push(Call {
            id,
            work,
            precision: of_this_thread(),
            wanted,
            inside: 0,
            panic: None,
        });
        drop(state);
        for _ in 0..wanted {
            self.called.notify_one();
        }
        id
    }

    /// Takes a call off the list when nobody is inside any more; gives what a hand panicked with.
    fn leave(&self, id: u64) -> Option<Box<dyn Any + Send>> {
        let mut state = self.lock();
        loop {
            let at = state.calls.iter().position(|call| call.id == id)?;
            if state.calls[at].inside == 0 {
                return state.calls.swap_remove(at).panic;
            }
            state.calls[at].wanted = 0;
            state = self
                .left
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What a hand does, for ever.
    fn help(&self) {
        let mut state = self.lock();
        loop {
            let Some(call) = state.calls.iter_mut().find(|call| call.wanted > 0) else {
                state = self
                    .called
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            call.wanted -= 1;
            call.inside += 1;
            let (id, work, precision) = (call.id, call.work, call.precision);
            drop(state);
            follow(precision);
            let panic = catch_unwind(AssertUnwindSafe(work)).err();
            state = self.lock();
            if let Some(call) = state.calls.iter_mut().find(|call| call.id == id) {
                call.inside -= 1;
                call.panic = call.panic.take().or(panic);
            }
            self.left.notify_all();
        }
    }

    /// What it guards is whole whenever the lock is let go.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn every_call_returns_after_all_its_hands_and_passes_a_panic_on() {
        let crew = Crew::found();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for round in 0..200 {
                        let inside = AtomicUsize::new(0);
                        let work = || {
                            inside.fetch_add(1, Ordering::Relaxed);
                            thread::yield_now();
                            inside.fetch_sub(1, Ordering::Relaxed);
                            assert_ne!(round % 10, 9, "meant to be");
                        };
                        let ended = catch_unwind(AssertUnwindSafe(|| crew.run(3, &work)));
                        assert_eq!(ended.is_err(), round % 10 == 9);
                        assert_eq!(inside.load(Ordering::Relaxed), 0);
                    }
                });
            }
        });
        assert!(crew.lock().calls.is_empty());
    }
}
