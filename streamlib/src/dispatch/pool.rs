//! The pool of `threads`: a thread for every task, and a hand-over that needs no wake-up.
//!
//! There are never fewer threads than tasks that could want one, so a task that blocks holds up no
//! other. A task that a running one wakes as the last thing it does on a tick goes into that thread's *handoff* place and runs as
//! soon as the thread is free, which is at once when the waker has published and is done: a hop
//! between two actors then costs no system call, and the frame is still in the cache. A task that is
//! displaced from there, or woken from outside, goes into the shared queue and a sleeping thread is
//! woken for it.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::thread::Thread;

use async_task::{Runnable, ScheduleInfo, WithInfo};
use crossbeam_queue::{ArrayQueue, SegQueue};
use tokio::runtime::Handle;

use super::Task;
use crate::clock::Precision;
use crate::clock::precision::{AtomicPrecision, Granted, Role};
use crate::{Error, Result};

/// Tasks that can be queued with no allocation; more are queued all the same.
const QUEUE: usize = 1024;
/// Up to this many tasks, the threads are there before they are needed.
const EAGER: usize = 64;

const BUSY: u8 = 0;
const IDLE: u8 = 1;
const NOTIFIED: u8 = 2;

pub(super) struct Pool {
    queue: ArrayQueue<Runnable>,
    overflow: SegQueue<Runnable>,
    idle: Sleepers,
    workers: AtomicUsize,
    tasks: AtomicUsize,
    numbers: AtomicUsize,
    precision: AtomicPrecision,
    /// What the worker that asked last was given.
    granted: Mutex<Granted>,
}

/// Workers that sleep, each listed at most once.
struct Sleepers {
    listed: ArrayQueue<Arc<Worker>>,
    more: SegQueue<Arc<Worker>>,
}

struct Worker {
    thread: Thread,
    state: AtomicU8,
    listed: AtomicBool,
}

thread_local! {
    static HANDOFF: RefCell<Option<Runnable>> = const { RefCell::new(None) };
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
    static MAY_HAND_OFF: Cell<bool> = const { Cell::new(false) };
}

/// Whether a task waits for this thread to be free.
#[must_use]
pub fn handoff_waits() -> bool {
    HANDOFF.with_borrow(Option::is_some)
}

/// Runs `wake` so that what it wakes starts on this thread when the running task rests: for a task
/// that has nothing left to do. What is woken at any other time starts at once on another thread.
pub fn with_handoff<R>(wake: impl FnOnce() -> R) -> R {
    let before = MAY_HAND_OFF.replace(true);
    let result = wake();
    MAY_HAND_OFF.set(before);
    result
}

pub(super) fn pool() -> &'static Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    POOL.get_or_init(|| Pool {
        queue: ArrayQueue::new(QUEUE),
        overflow: SegQueue::new(),
        idle: Sleepers {
            listed: ArrayQueue::new(QUEUE),
            more: SegQueue::new(),
        },
        workers: AtomicUsize::new(0),
        tasks: AtomicUsize::new(0),
        numbers: AtomicUsize::new(0),
        precision: AtomicPrecision::new(Precision::default()),
        granted: Mutex::default(),
    })
}

/// With what a worker gets ready before its first task, and whom it tells.
struct Warm(Handle, mpsc::Sender<()>);

/// Counts a task as alive, which keeps a thread for it.
struct Alive;

impl Drop for Alive {
    fn drop(&mut self) {
        let pool = pool();
        // Relaxed: a hint for idle workers, which look again when they are woken.
        pool.tasks.fetch_sub(1, Ordering::Relaxed);
        pool.wake_one();
    }
}

impl Pool {
    /// Each worker asks for it before it runs its next task.
    pub(super) fn set_precision(&self, precision: Precision) {
        self.precision.set(precision);
    }

    pub(super) fn granted(&self) -> Granted {
        let granted = self.granted.lock();
        granted.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn spawn(&'static self, task: Task) -> Result<()> {
        // Inside the runtime, so that an actor on a thread can still use tokio's timers and sockets.
        let runtime = super::tokio_handle()?;
        // Relaxed: as in `Alive`.
        let tasks = self.tasks.fetch_add(1, Ordering::Relaxed) + 1;
        let alive = Alive;
        let (ready, started) = mpsc::channel();
        while self.workers.load(Ordering::Relaxed) < tasks.min(EAGER) {
            let warm = Warm(runtime.clone(), ready.clone());
            self.start_worker(Some(warm))
                .map_err(|error| self.no_more(&error))?;
        }
        drop(ready);
        // Until each has all that a thread takes memory for: no tick is to find one that hasn't.
        for () in started {}
        let mut task = task;
        let future = async move {
            let _alive = alive;
            std::future::poll_fn(|cx| {
                let _entered = runtime.enter();
                task.as_mut().poll(cx)
            })
            .await;
        };
        let schedule = |runnable, info: ScheduleInfo| pool().schedule(runnable, info);
        let (runnable, handle) = async_task::spawn(future, WithInfo(schedule));
        handle.detach();
        runnable.schedule();
        Ok(())
    }

    fn schedule(&'static self, runnable: Runnable, info: ScheduleInfo) {
        // A task that woke itself while it ran goes behind the others.
        if IS_WORKER.get() && MAY_HAND_OFF.get() && !info.woken_while_running {
            let displaced = HANDOFF.with_borrow_mut(|place| place.replace(runnable));
            if let Some(displaced) = displaced {
                self.push(displaced);
            }
        } else {
            self.push(runnable);
        }
    }

    fn push(&'static self, runnable: Runnable) {
        if let Err(runnable) = self.queue.push(runnable) {
            self.overflow.push(runnable);
        }
        self.wake_one();
    }

    fn pop(&self) -> Option<Runnable> {
        self.queue.pop().or_else(|| self.overflow.pop())
    }

    fn wake_one(&'static self) {
        // SeqCst fence: pairs with the one in `wait`. Either this thread sees the worker on the list,
        // or the worker sees what was pushed before.
        fence(Ordering::SeqCst);
        while let Some(worker) = self.idle.listed.pop().or_else(|| self.idle.more.pop()) {
            // SeqCst, and before the exchange: a worker that finds itself still listed is then sure
            // to be seen idle by the exchange.
            worker.listed.store(false, Ordering::SeqCst);
            let exchanged = worker.state.compare_exchange(
                IDLE,
                NOTIFIED,
                Ordering::SeqCst,
                // Relaxed: nothing is concluded from a worker that is busy.
                Ordering::Relaxed,
            );
            if exchanged.is_ok() {
                worker.thread.unpark();
                return;
            }
        }
        // Relaxed: at worst one worker too many is started, and ends again.
        if !self.queue.is_empty()
            && self.workers.load(Ordering::Relaxed) < self.tasks.load(Ordering::Relaxed)
            && let Err(error) = self.start_worker(None)
        {
            tracing::warn!(
                "tasks wait for the workers there are: {}",
                self.no_more(&error)
            );
        }
    }

    /// Why there can be no further worker.
    #[cold]
    fn no_more(&self, error: &std::io::Error) -> Error {
        let workers = self.workers.load(Ordering::Relaxed);
        let message = format!(
            "no thread can be had for `threads` beside its {workers}: {error}; let the program have more \
             (`ulimit -u`, the `pids.max` of its cgroup), or put actors on `inline` or `tokio`"
        );
        Error::Io(std::io::Error::new(error.kind(), message))
    }

    fn start_worker(&'static self, warm: Option<Warm>) -> std::io::Result<()> {
        self.workers.fetch_add(1, Ordering::Relaxed);
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let thread = std::thread::Builder::new().name(format!("streamlib {number}"));
        let started = thread.spawn(move || self.work(warm));
        if started.is_err() {
            self.workers.fetch_sub(1, Ordering::Relaxed);
        }
        started.map(drop)
    }

    fn work(&'static self, warm: Option<Warm>) {
        IS_WORKER.set(true);
        let worker = Arc::new(Worker {
            thread: std::thread::current(),
            state: AtomicU8::new(BUSY),
            listed: AtomicBool::new(false),
        });
        if let Some(Warm(runtime, ready)) = warm {
            // What a thread keeps for a handoff, and for tokio, takes memory when it is first looked at.
            HANDOFF.with_borrow(|_| drop(runtime.enter()));
            // Err: it is waited for no longer.
            let _ = ready.send(());
        }
        // One for all that it runs, which costs none of it anything. A task that panics is lost, and no other: neither one that
        // waits for this thread to be free, nor one that is to have a thread.
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.run(&worker))) {
            MAY_HAND_OFF.set(false);
            // Its drop may panic as well.
            std::mem::forget(panic);
        }
    }

    /// Runs tasks until there are more workers than tasks.
    fn run(&'static self, worker: &Arc<Worker>) {
        let mut has = None;
        loop {
            let wanted = self.precision.get();
            if has != Some(wanted) {
                self.ask(wanted);
                has = Some(wanted);
            }
            let next = HANDOFF.with_borrow_mut(Option::take).or_else(|| self.pop());
            match next {
                Some(runnable) => {
                    runnable.run();
                }
                None => match self.wait(worker) {
                    Some(runnable) => {
                        runnable.run();
                    }
                    None if self.surplus() => return,
                    None => {}
                },
            }
        }
    }

    /// Asks for this worker's share of what `precision` needs.
    fn ask(&self, precision: Precision) {
        let granted = Granted::ask(precision, Role::Worker);
        let mut newest = self.granted.lock().unwrap_or_else(PoisonError::into_inner);
        if granted.lacks() != newest.lacks()
            && let Some(lacks) = granted.lacks()
        {
            tracing::warn!("not granted to the workers of `threads`: {lacks}");
        }
        *newest = granted;
    }

    /// Sleeps until there may be work. Work that was found on the way to sleep is returned.
    fn wait(&'static self, worker: &Arc<Worker>) -> Option<Runnable> {
        worker.state.store(IDLE, Ordering::SeqCst);
        if !worker.listed.swap(true, Ordering::SeqCst)
            && let Err(worker) = self.idle.listed.push(Arc::clone(worker))
        {
            self.idle.more.push(worker);
        }
        // SeqCst fence: pairs with the one in `wake_one`.
        fence(Ordering::SeqCst);
        let found = self.pop();
        if found.is_some() || self.is_surplus() {
            if worker.state.swap(BUSY, Ordering::SeqCst) == NOTIFIED {
                // The notification was for work that somebody else has to look for now.
                self.wake_one();
            }
            return found;
        }
        while worker.state.load(Ordering::SeqCst) != NOTIFIED {
            std::thread::park();
        }
        worker.state.store(BUSY, Ordering::SeqCst);
        None
    }

    fn is_surplus(&self) -> bool {
        // Relaxed: a worker that stays or goes too early is corrected by the next wake-up.
        self.workers.load(Ordering::Relaxed) > self.tasks.load(Ordering::Relaxed)
    }

    /// Whether this worker, which has nothing to do, is one too many; it is then counted as gone.
    fn surplus(&'static self) -> bool {
        let gone = self
            .workers
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |workers| {
                (workers > self.tasks.load(Ordering::Relaxed)).then(|| workers - 1)
            })
            .is_ok();
        if gone {
            // Others may be surplus too, or work may have come for the one that goes.
            self.wake_one();
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::mpsc::channel;
    use std::task::Poll;
    use std::time::Duration;

    use atomic_waker::AtomicWaker;

    use super::*;

    #[test]
    fn a_task_that_panics_takes_with_it_neither_a_thread_nor_the_task_that_it_has_woken()
    -> Result<()> {
        let (done, is_done) = channel();
        for _ in 0..20 {
            let done = done.clone();
            let bell = Arc::<(AtomicWaker, AtomicBool)>::default();
            let (waits, rings) = (Arc::clone(&bell), bell);
            pool().spawn(Box::pin(async move {
                poll_fn(|cx| {
                    waits.0.register(cx.waker());
                    if waits.1.load(Ordering::Acquire) {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                })
                .await;
                done.send(()).expect("somebody waits");
            }))?;
            pool().spawn(Box::pin(async move {
                rings.1.store(true, Ordering::Release);
                with_handoff(|| rings.0.wake());
                std::panic::panic_any("one that is meant to be seen");
            }))?;
            is_done
                .recv_timeout(Duration::from_secs(10))
                .expect("the other runs");
        }
        Ok(())
    }
}
