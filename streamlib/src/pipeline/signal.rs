//! How the tick travels: from a clock or an upstream task to the tasks that it ticks.
//!
//! An edge between two tasks carries the newest tick (in a ring of its own) and two numbers: how far
//! its upstream has come, and how often it has published. The [`Inbox`] of a task turns the numbers of
//! all its edges into the next thing to do: work on a tick, pass on that a tick is over, or end.
//! Nothing queues: ticks that come while the task is busy are merged into the newest.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};

use atomic_waker::AtomicWaker;

use crate::clock::{Lockstep, Subscriber};
use crate::ring::{Reader, Ring, Writer};
use crate::time::{ClockId, Rate, TimedTick, Timestamp};

/// How far an upstream has come that has ended.
const ENDED: u64 = u64::MAX;
/// Set in `Signal::in_flight` when nobody will take the signals any more.
const CLOSED: u64 = 1 << 63;

/// What wakes a task, shared by all its edges.
#[derive(Default)]
pub(crate) struct Signal {
    waker: AtomicWaker,
    lockstep: OnceLock<Lockstep>,
    /// Signals that the clock waits for and that the task has not dealt with, under lockstep.
    in_flight: AtomicU64,
    /// Joins: all that had arrived by the last tick of the clock, which waits no longer.
    expired: AtomicU64,
    /// Whether the task, or one behind it, is a join and must hear of ticks without an item.
    wants_pass: AtomicBool,
    changed: AtomicBool,
    changes: Mutex<Vec<Change>>,
}

enum Change {
    Add(EdgeRx),
    Remove(Arc<Progress>),
    End,
}

impl Signal {
    pub(crate) fn set_lockstep(&self, lockstep: &Lockstep) {
        // A task has one clock; a second call would set the same one.
        let _ = self.lockstep.set(lockstep.clone());
    }

    pub(crate) fn set_wants_pass(&self) {
        // Relaxed: set before the task is started.
        self.wants_pass.store(true, Ordering::Relaxed);
    }

    fn notify(&self) {
        if let Some(lockstep) = self.lockstep.get() {
            lockstep.add(1);
            // AcqRel: pairs with `close`: either the task counts this signal when it closes, or it is
            // seen here that it has closed.
            if self.in_flight.fetch_add(1, Ordering::AcqRel) & CLOSED != 0 {
                lockstep.done(1);
            }
        }
        self.waker.wake();
    }

    fn in_flight(&self) -> u64 {
        // Acquire: the signals counted here are seen by the look at the edges that follows.
        self.in_flight.load(Ordering::Acquire) & !CLOSED
    }

    fn dealt_with(&self, signals: u64) {
        if signals > 0
            && let Some(lockstep) = self.lockstep.get()
        {
            // Relaxed: the count's own arithmetic; `done` orders the work.
            self.in_flight.fetch_sub(signals, Ordering::Relaxed);
            lockstep.done(signals as usize);
        }
    }

    fn close(&self) {
        // AcqRel: pairs with `notify`.
        let left = self.in_flight.fetch_or(CLOSED, Ordering::AcqRel) & !CLOSED;
        if let Some(lockstep) = self.lockstep.get() {
            lockstep.done(left as usize);
        }
    }

    fn change(&self, change: Change) {
        self.changes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(change);
        // Release: pairs with the Acquire swap in `Inbox::apply_changes`.
        self.changed.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// A further edge into a task that runs.
    pub(crate) fn add(self: &Arc<Self>) -> (EdgeTx, Unedge) {
        let (tx, rx) = edge(self, 0);
        let progress = Arc::clone(&rx.progress);
        self.change(Change::Add(rx));
        (tx, Unedge(progress))
    }

    pub(crate) fn remove(&self, edge: Unedge) {
        self.change(Change::Remove(edge.0));
    }

    /// Ends a task that would otherwise wait for more edges.
    pub(crate) fn end(&self) {
        self.change(Change::End);
    }
}

/// Names an edge that is to be removed.
pub(crate) struct Unedge(Arc<Progress>);

/// How far the upstream of an edge has come.
#[derive(Default)]
struct Progress {
    /// The number of the newest tick that is over, plus one; `ENDED` when none will follow.
    reached: AtomicU64,
    /// How many ticks brought an item.
    published: AtomicU64,
    /// How many ticks follow the one in the ring at once, see `Subscriber::burst`.
    burst: AtomicU64,
}

/// The sending end of an edge. Dropping it is the end of the stream.
pub(crate) struct EdgeTx {
    signal: Arc<Signal>,
    progress: Arc<Progress>,
    ticks: Writer<TimedTick>,
    published: u64,
    /// Which of the upstream's outputs feed this edge.
    pub(crate) mask: u64,
    /// Whether the task that it ticks is all that its clock ticks, and so can go on by itself.
    pub(crate) alone: bool,
}

impl EdgeTx {
    /// Tick `tick` is over upstream, and brought an item.
    #[inline]
    pub(crate) fn publish(&mut self, tick: TimedTick) {
        self.ticks.write(tick);
        self.published += 1;
        // Release (both): pair with the Acquire loads in `Inbox`, which then sees the tick, and the
        // items that were published before it.
        self.progress
            .published
            .store(self.published, Ordering::Release);
        self.progress
            .reached
            .store(tick.frame_number + 1, Ordering::Release);
        self.signal.notify();
    }

    /// Tick `frame_number` is over upstream, and brought nothing.
    #[inline]
    pub(crate) fn pass(&mut self, frame_number: u64) {
        // Relaxed: set before the task was started.
        if self.signal.wants_pass.load(Ordering::Relaxed) {
            // Release: as in `publish`.
            self.progress
                .reached
                .store(frame_number + 1, Ordering::Release);
            self.signal.notify();
        }
    }
}

impl EdgeTx {
    /// Whether nobody receives any more.
    pub(crate) fn is_detached(&self) -> bool {
        Arc::strong_count(&self.progress) == 1
    }
}

impl Drop for EdgeTx {
    fn drop(&mut self) {
        // Release: as in `publish`.
        self.progress.reached.store(ENDED, Ordering::Release);
        self.signal.notify();
    }
}

impl Subscriber for EdgeTx {
    fn tick(&mut self, tick: TimedTick) {
        if self.alone {
            // Relaxed: as in `burst`.
            self.progress.burst.store(0, Ordering::Relaxed);
        }
        self.publish(tick);
    }

    fn burst(&mut self, first: TimedTick, count: u64) -> bool {
        if self.alone {
            // Relaxed: the Release stores of `publish` come after it.
            self.progress.burst.store(count - 1, Ordering::Relaxed);
            self.publish(first);
        }
        self.alone
    }
}

/// The receiving end of an edge.
pub(crate) struct EdgeRx {
    progress: Arc<Progress>,
    ticks: Reader<TimedTick>,
    seen: u64,
}

pub(crate) fn edge(signal: &Arc<Signal>, mask: u64) -> (EdgeTx, EdgeRx) {
    let zero = TimedTick {
        timestamp: Timestamp::default(),
        frame_number: 0,
        clock_id: ClockId::default(),
    };
    let (ticks, [newest]) = match Ring::builder().readers(1).build_with(|| zero) {
        Ok((writer, readers)) => match <[Reader<TimedTick>; 1]>::try_from(readers) {
            Ok(readers) => (writer, readers),
            Err(_) => unreachable!("a ring has as many readers as it was built for"),
        },
        Err(error) => unreachable!("a ring of one reader: {error}"),
    };
    let progress = Arc::new(Progress::default());
    let rx = EdgeRx {
        progress: Arc::clone(&progress),
        ticks: newest,
        seen: 0,
    };
    (
        EdgeTx {
            signal: Arc::clone(signal),
            progress,
            ticks,
            published: 0,
            mask,
            alone: false,
        },
        rx,
    )
}

/// What a task does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Work on this tick.
    Tick {
        tick: TimedTick,
        /// Ticks that were merged into it.
        missed: u64,
        /// Whether not all inputs had come so far.
        late: bool,
    },
    /// This tick brings nothing.
    Pass(u64),
    /// There will be no more ticks.
    End,
}

/// Where the ticks of a task arrive.
pub(crate) struct Inbox {
    signal: Arc<Signal>,
    edges: Vec<EdgeRx>,
    /// The number of the newest tick that this task is done with, plus one.
    done: u64,
    /// Whether the ticks come from a clock, which numbers all of them.
    clocked: bool,
    last_frame: Option<u64>,
    /// Whether edges can come and go, so that having none is not the end.
    open: bool,
    /// Ticks that follow the last one at once, and the rate that tells when.
    burst: u64,
    rate: Rate,
    clock_id: ClockId,
}

impl Inbox {
    pub(crate) fn new(signal: Arc<Signal>, edges: Vec<EdgeRx>, clocked: bool, rate: Rate) -> Self {
        Self {
            signal,
            edges,
            done: 0,
            clocked,
            last_frame: None,
            open: false,
            burst: 0,
            rate,
            clock_id: ClockId::default(),
        }
    }

    /// An inbox whose edges come and go while the task runs.
    pub(crate) fn open(signal: Arc<Signal>, edges: Vec<EdgeRx>, clocked: bool, rate: Rate) -> Self {
        let mut inbox = Self::new(signal, edges, clocked, rate);
        inbox.open = true;
        inbox
    }

    /// What tells this inbox that a tick of the clock has come, after which it waits no longer for
    /// the edges that are behind; `None` unless several edges lead into it.
    pub(crate) fn deadline(&self) -> Option<Box<dyn Subscriber>> {
        (self.edges.len() > 1).then(|| {
            Box::new(Deadline {
                signal: Arc::clone(&self.signal),
                edges: self
                    .edges
                    .iter()
                    .map(|edge| Arc::clone(&edge.progress))
                    .collect(),
            }) as Box<dyn Subscriber>
        })
    }

    /// Waits for the next thing to do.
    #[inline]
    pub(crate) async fn next(&mut self) -> Event {
        if self.burst > 0 {
            return self.following();
        }
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Whether there is something to do that has not been looked at.
    pub(crate) fn is_ready(&self) -> bool {
        // Relaxed: a hint; `next` looks properly.
        self.burst > 0
            || self.signal.changed.load(Ordering::Relaxed)
            || self.edges.iter().any(|edge| {
                let published = edge.progress.published.load(Ordering::Relaxed);
                let reached = edge.progress.reached.load(Ordering::Relaxed);
                published > edge.seen || reached > self.done
            })
    }

    /// The next tick of a burst.
    #[inline]
    fn following(&mut self) -> Event {
        self.burst -= 1;
        let frame_number = self.last_frame.map_or(0, |last| last + 1);
        self.last_frame = Some(frame_number);
        let timestamp = Timestamp::default() + self.rate.time_of(frame_number);
        let tick = TimedTick {
            timestamp,
            frame_number,
            clock_id: self.clock_id,
        };
        Event::Tick {
            tick,
            missed: 0,
            late: false,
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if let Some(event) = self.take() {
            return Poll::Ready(event);
        }
        self.signal.waker.register(cx.waker());
        let in_flight = self.signal.in_flight();
        if let Some(event) = self.take() {
            return Poll::Ready(event);
        }
        self.signal.dealt_with(in_flight);
        Poll::Pending
    }

    fn take(&mut self) -> Option<Event> {
        // Acquire: pairs with the Release store in `Signal::change`.
        if self.signal.changed.load(Ordering::Relaxed)
            && self.signal.changed.swap(false, Ordering::Acquire)
            && self.apply_changes()
        {
            return Some(Event::End);
        }
        // How far the slowest and the fastest of the edges that go on have come.
        let (mut slowest, mut fastest, mut fresh) = (ENDED, 0, false);
        for edge in &self.edges {
            // Acquire: pairs with the Release stores of `EdgeTx`.
            let reached = edge.progress.reached.load(Ordering::Acquire);
            slowest = slowest.min(reached);
            if reached != ENDED {
                fastest = fastest.max(reached);
            }
            fresh |= edge.progress.published.load(Ordering::Acquire) > edge.seen;
        }
        if self.edges.is_empty() {
            return (!self.open).then_some(Event::End);
        }
        if slowest == ENDED {
            return match self.tick(ENDED, false) {
                Some(event) => Some(event),
                None if self.open => {
                    self.edges.clear();
                    None
                }
                None => Some(Event::End),
            };
        }
        if slowest > self.done {
            self.done = slowest;
            // Only a join has a tick to keep an item for.
            let limit = if self.edges.len() > 1 { slowest } else { ENDED };
            return if fresh { self.tick(limit, false) } else { None }
                .or(Some(Event::Pass(slowest - 1)));
        }
        if self.edges.len() > 1 && fastest > self.done {
            // Acquire: pairs with the Release store in `Deadline::tick`.
            let expired = self.signal.expired.load(Ordering::Acquire);
            if expired > self.done {
                self.done = expired;
                return self.tick(expired, true).or(Some(Event::Pass(expired - 1)));
            }
        }
        None
    }

    /// The newest tick below `limit` that brought an item, and with it all that came before.
    fn tick(&mut self, limit: u64, late: bool) -> Option<Event> {
        let mut newest: Option<TimedTick> = None;
        let mut missed = u64::MAX;
        for edge in &mut self.edges {
            // Acquire: pairs with the Release store in `EdgeTx::publish`.
            let published = edge.progress.published.load(Ordering::Acquire);
            if published == edge.seen {
                continue;
            }
            let Some(&tick) = edge.ticks.latest() else {
                continue;
            };
            // An edge that runs ahead keeps its item for the tick that it belongs to.
            if tick.frame_number >= limit {
                continue;
            }
            missed = missed.min(published - edge.seen - 1);
            edge.seen = published;
            if newest.is_none_or(|newest| newest.frame_number < tick.frame_number) {
                newest = Some(tick);
            }
        }
        let tick = newest?;
        if self.clocked {
            // The clock itself may have merged ticks, which its numbers tell.
            missed = self
                .last_frame
                .map_or(0, |last| tick.frame_number.saturating_sub(last + 1));
            self.last_frame = Some(tick.frame_number);
            self.clock_id = tick.clock_id;
            if let [edge] = &*self.edges {
                // Relaxed: stored before what the Acquire load above has seen.
                self.burst = edge.progress.burst.load(Ordering::Relaxed);
            }
        }
        self.done = self.done.max(tick.frame_number + 1);
        Some(Event::Tick { tick, missed, late })
    }

    /// Takes over edges that came and went; true if the task is to end.
    fn apply_changes(&mut self) -> bool {
        let changes = std::mem::take(
            &mut *self
                .signal
                .changes
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        let mut end = false;
        for change in changes {
            match change {
                Change::Add(edge) => {
                    // Another clock may number its ticks differently.
                    self.done = 0;
                    self.edges.push(edge);
                }
                Change::Remove(progress) => {
                    self.edges
                        .retain(|edge| !Arc::ptr_eq(&edge.progress, &progress));
                }
                Change::End => end = true,
            }
        }
        end
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.signal.close();
    }
}

/// Tells a join, on each tick of its clock, that what had come before waits no longer.
struct Deadline {
    signal: Arc<Signal>,
    edges: Vec<Arc<Progress>>,
}

impl Subscriber for Deadline {
    fn tick(&mut self, _tick: TimedTick) {
        // Acquire: pairs with the Release stores of `EdgeTx`.
        let reached = self
            .edges
            .iter()
            .map(|edge| edge.reached.load(Ordering::Acquire));
        let fastest = reached
            .filter(|&reached| reached != ENDED)
            .max()
            .unwrap_or(0);
        // Relaxed: only this subscriber writes it.
        if fastest > self.signal.expired.load(Ordering::Relaxed) {
            // Release: pairs with the Acquire load in `Inbox::take`.
            self.signal.expired.store(fastest, Ordering::Release);
            self.signal.notify();
        }
    }
}
