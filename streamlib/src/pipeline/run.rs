//! The handle of a graph that runs: its status, its picture, its end.

use std::fmt;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::signal::Signal;
use super::status::Waits;
use super::watchdog::Watched;
use super::{ClockLine, Graph, GraphNode, Status};
use crate::actor::{ActorState, ActorStatus, PATIENCE, Stats};
use crate::clock::{AnyClock, Clock, Subscription};
use crate::dispatch::{Threads, own_runtime};
use crate::profile::{Measured, Profile};
use crate::{Error, Result};

/// After so long it is said for whom a graph that was to stop still waits.
const SOON: Duration = Duration::from_secs(1);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts what is alive, and wakes who waits for the counts.
#[derive(Default)]
pub(crate) struct Tally {
    actors: AtomicUsize,
    sinks: AtomicUsize,
    starting: AtomicUsize,
    waiting: Mutex<Waiting>,
    /// What its actors have left when they ended.
    left: Mutex<Vec<Left>>,
}

/// Who waits for the counts, each with a number of its own.
#[derive(Default)]
struct Waiting {
    next: u64,
    wakers: Vec<(u64, Waker)>,
}

/// An actor that was spawned and whose last handle went with another: it ends with that.
#[derive(Clone)]
pub(super) struct Left {
    pub(super) stats: Arc<Stats>,
    pub(super) tally: Arc<Tally>,
}

impl Tally {
    pub(super) fn set_actors(&self, actors: usize) {
        // Relaxed: before anything runs.
        self.actors.store(actors, Ordering::Relaxed);
    }

    pub(super) fn set_sinks(&self, sinks: usize) {
        // Relaxed: before anything runs.
        self.sinks.store(sinks, Ordering::Relaxed);
    }

    pub(super) fn actor_ended(&self, is_sink: bool) {
        // Release: pairs with the Acquire loads of who waits, which then sees what the actor has done.
        if is_sink {
            self.sinks.fetch_sub(1, Ordering::Release);
        }
        self.actors.fetch_sub(1, Ordering::Release);
        self.wake();
    }

    fn wake(&self) {
        let wakers = std::mem::take(&mut lock(&self.waiting).wakers);
        for (_, waker) in wakers {
            waker.wake();
        }
    }

    /// Waits until `done` says so.
    pub(super) fn until<F: Fn(&Self) -> bool>(&self, done: F) -> Until<'_, F> {
        Until {
            tally: self,
            done,
            number: None,
        }
    }

    /// An actor that ends leaves these, which end as well.
    pub(super) fn leaves(&self, left: impl Iterator<Item = Left>) {
        lock(&self.left).extend(left);
    }

    pub(super) fn is_over(&self) -> bool {
        // Acquire: pairs with the Release in `actor_ended`.
        self.actors.load(Ordering::Acquire) == 0
    }
}

/// A wait for the counts, which leaves nothing behind when it is dropped.
pub(super) struct Until<'a, F> {
    tally: &'a Tally,
    done: F,
    number: Option<u64>,
}

impl<F> Until<'_, F> {
    /// Has `waker` woken when the counts change.
    fn wakes(&mut self, waker: &Waker) {
        let Waiting { next, wakers } = &mut *lock(&self.tally.waiting);
        let number = *self.number.get_or_insert_with(|| {
            *next += 1;
            *next
        });
        match wakers.iter_mut().find(|waiting| waiting.0 == number) {
            Some((_, waiting)) => waiting.clone_from(waker),
            None => wakers.push((number, waker.clone())),
        }
    }
}

impl<F: Fn(&Tally) -> bool + Unpin> Future for Until<'_, F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if (self.done)(self.tally) {
            return Poll::Ready(());
        }
        self.wakes(cx.waker());
        // Again: it may have come true before the waker was there.
        if (self.done)(self.tally) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl<F> Drop for Until<'_, F> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            lock(&self.tally.waiting)
                .wakers
                .retain(|waiting| waiting.0 != number);
        }
    }
}

/// Waits for so long.
fn sleep(time: Duration) -> Result<tokio::time::Sleep> {
    // The surrounding runtime may have been built without timers.
    let _entered = own_runtime()?.enter();
    Ok(tokio::time::sleep(time))
}

/// What `work` gives, if it does so before the next Ctrl-C.
async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Result<Option<T>> {
    let runtime = own_runtime()?;
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "Ctrl-C will not stop the graph");
            pending().await
        }
    };
    let (mut work, mut interrupted) = (pin!(work), pin!(interrupted));
    let outcome = poll_fn(|cx| {
        if let Poll::Ready(outcome) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(outcome));
        }
        // The surrounding runtime may have been built without signals.
        let _entered = runtime.enter();
        interrupted.as_mut().poll(cx).map(|()| None)
    });
    Ok(outcome.await)
}

/// Who is at work, in words: those that something holds up first.
fn at_work(live: &[Arc<Stats>]) -> String {
    let (mut busy, mut others) = (Vec::new(), Vec::new());
    for stats in live {
        let name = stats.name();
        match stats.is_busy() {
            Some((call, ..)) => busy.push(format!("`{name}` in `{call}`")),
            None => others.push(format!("`{name}`")),
        }
    }
    let all = [busy, others].map(|names| names.join(", "));
    let all: Vec<_> = all.into_iter().filter(|names| !names.is_empty()).collect();
    all.join(", and so ")
}

/// Waits until all actors of `tally` have ended, and then all that they have left.
///
/// # Errors
/// With the names of those that have not when `patience` is over; of the actors of `tally` itself `live` knows them.
pub(super) async fn ended(
    tally: &Arc<Tally>,
    patience: Duration,
    live: impl Fn() -> Vec<Arc<Stats>> + Send,
) -> Result<()> {
    let mut over = pin!(sleep(patience)?);
    // Each once, for they may hold each other.
    let mut left: Vec<Left> = Vec::new();
    let mut waited = 0;
    let mut of = Arc::clone(tally);
    loop {
        let have_ended = {
            let mut end = pin!(of.until(Tally::is_over));
            poll_fn(|cx| match end.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending => over.as_mut().poll(cx).map(|()| false),
            })
            .await
        };
        if !have_ended {
            let left = left.iter().filter(|left| !left.tally.is_over());
            let mut live = live();
            live.extend(left.map(|left| Arc::clone(&left.stats)));
            return Err(Error::graph(format_args!(
                "still at work {} s after `stop`: {}; what that waits for must end too",
                patience.as_secs_f64(),
                at_work(&live),
            )));
        }
        for new in &*lock(&of.left) {
            let is_it = |other: &Arc<Tally>| Arc::ptr_eq(other, &new.tally);
            if !is_it(tally) && !left.iter().any(|left| is_it(&left.tally)) {
                left.push(new.clone());
            }
        }
        let Some(next) = left.get(waited) else {
            return Ok(());
        };
        of = Arc::clone(&next.tally);
        waited += 1;
    }
}

/// Holds the clocks back until every task has started its actors, and ends what they tick.
pub(crate) struct Gate {
    tally: Arc<Tally>,
    clocked: Mutex<Clocked>,
}

/// What the clocks of a graph tick.
#[derive(Default)]
pub(crate) struct Clocked {
    /// Dropped in this order: a subscription is taken off a clock that is still there.
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) clocks: Vec<AnyClock>,
    /// The tasks that a clock ticks, which end with it.
    pub(super) signals: Vec<Arc<Signal>>,
}

impl Gate {
    pub(super) fn new(tally: Arc<Tally>, tasks: usize) -> Arc<Self> {
        // Relaxed: before anything runs.
        tally.starting.store(tasks, Ordering::Relaxed);
        Arc::new(Self {
            tally,
            clocked: Mutex::default(),
        })
    }

    pub(super) fn hold(&self, clocked: Clocked) {
        *lock(&self.clocked) = clocked;
    }

    pub(super) fn arrive(&self) {
        // AcqRel: the last to arrive sees all the others' starts, and whoever waits sees all of them.
        if self.tally.starting.fetch_sub(1, Ordering::AcqRel) == 1 {
            lock(&self.clocked)
                .subscriptions
                .iter_mut()
                .for_each(Subscription::start);
            self.tally.wake();
        }
    }

    pub(super) fn close(&self) {
        let clocked = std::mem::take(&mut *lock(&self.clocked));
        // Not left to the clocks, of which some may never tick again.
        for signal in &clocked.signals {
            signal.end();
        }
    }
}

/// A graph that runs. Dropping it stops the graph without waiting for it.
#[must_use = "dropping a pipeline stops it"]
pub struct Pipeline {
    pub(super) stats: Vec<Arc<Stats>>,
    pub(super) waits: Waits,
    pub(super) graph: Graph,
    /// What ticks it, with names.
    pub(super) clocks: Vec<(String, AnyClock)>,
    pub(super) tally: Arc<Tally>,
    pub(super) gate: Arc<Gate>,
    pub(super) _watched: Arc<Watched>,
    pub(super) measured: Option<Arc<Measured>>,
}

impl Pipeline {
    /// Runs until all sinks have ended (a window was closed, a source had no more to send), or until
    /// Ctrl-C; then stops, and a second Ctrl-C leaves whoever is still at work. Says on standard error what runs when it has started, and prints the status
    /// table at the end; [`finished`](Self::finished) and [`stop`](Self::stop) do the same in silence.
    ///
    /// From the first call on, Ctrl-C no longer ends the program, also when this has returned: a program that goes on has to
    /// listen to it itself (`tokio::signal::ctrl_c`).
    ///
    /// # Errors
    ///
    /// Those of `stop`, and [`Error::Graph`] with the names of those that were left.
    pub async fn run(&self) -> Result<()> {
        // Acquire: pairs with `Gate::arrive`.
        let started = |tally: &Tally| tally.starting.load(Ordering::Acquire) == 0;
        self.tally.until(started).await;
        for (actor, node) in self.status().actors.iter().zip(&self.graph.nodes) {
            let GraphNode {
                name,
                clock,
                rate,
                dispatcher,
                ..
            } = node;
            let what = if actor.summary.is_empty() {
                actor.actor
            } else {
                &actor.summary
            };
            let rate = rate.map_or_else(String::new, |rate| rate.to_string());
            eprintln!("{name}: {what} ({rate} of clock {clock}, on {dispatcher})");
        }
        // Either way it stops.
        let _ = unless_interrupted(self.finished()).await?;
        let stopped = unless_interrupted(self.stop_and_say()).await?;
        eprintln!("{}", self.status());
        stopped.unwrap_or_else(|| {
            let live = at_work(&self.live());
            Err(Error::graph(format_args!(
                "Ctrl-C while the graph stopped: not waited for {live}"
            )))
        })
    }

    /// Stops, and says for whom that waits if it takes its time.
    async fn stop_and_say(&self) -> Result<()> {
        let mut soon = pin!(sleep(SOON)?);
        let mut stopped = pin!(self.stop());
        let early = poll_fn(|cx| match stopped.as_mut().poll(cx) {
            Poll::Ready(stopped) => Poll::Ready(Some(stopped)),
            Poll::Pending => soon.as_mut().poll(cx).map(|()| None),
        });
        if let Some(stopped) = early.await {
            return stopped;
        }
        let live = at_work(&self.live());
        eprintln!("streamlib: stopping, and waiting for {live}; Ctrl-C again leaves at once");
        stopped.await
    }

    /// Waits until all sinks have ended.
    pub async fn finished(&self) {
        // Acquire: pairs with the Release in `Tally::actor_ended`.
        let ended = |tally: &Tally| tally.sinks.load(Ordering::Acquire) == 0;
        self.tally.until(ended).await;
    }

    /// Stops the sources, lets what they have published flow through, and returns when every actor
    /// has ended, and every one that these have [spawned](crate::spawn) and still held. A second call does nothing more.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] with the reason of the first actor that had failed, or with the names of those
    /// that are still at work after ten seconds.
    pub async fn stop(&self) -> Result<()> {
        self.stop_within(PATIENCE).await
    }

    async fn stop_within(&self, patience: Duration) -> Result<()> {
        self.gate.close();
        let ended = ended(&self.tally, patience, || self.live()).await;
        if let Some(measured) = &self.measured {
            measured.finish();
        }
        ended?;
        self.status()
            .actors
            .iter()
            .try_for_each(ActorStatus::failure)
    }

    /// Those that have not ended.
    fn live(&self) -> Vec<Arc<Stats>> {
        let has_ended = |state| matches!(state, ActorState::Stopped | ActorState::Failed);
        let live = self.stats.iter().filter(|stats| !has_ended(stats.state()));
        live.cloned().collect()
    }

    /// How every actor is doing, every clock, and the workers of `threads`.
    #[must_use]
    pub fn status(&self) -> Status {
        let mut actors: Vec<_> = self.stats.iter().map(|stats| stats.snapshot()).collect();
        self.waits.mark(&mut actors);
        let clocks = self.clocks.iter().map(|(name, clock)| ClockLine {
            name: name.clone(),
            id: clock.id(),
            kind: clock.name().to_owned(),
            status: clock.status(),
        });
        // Actors on `process` and `gpu` are looked after by workers too.
        let has_workers = actors
            .iter()
            .any(|actor| matches!(actor.dispatcher, "threads" | "process" | "gpu"));
        Status {
            actors,
            clocks: clocks.collect(),
            threads: has_workers.then(Threads::status),
        }
    }

    /// Where the time of its ticks went; `None` unless it started while a [profile](crate::profile) was on.
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        self.measured.as_ref().map(|measured| measured.profile())
    }

    /// The graph as it was wired.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.gate.close();
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("graph", &self.graph)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::task::Wake;

    use super::*;
    use crate::prelude::*;

    fn run<T>(future: impl Future<Output = T>) -> T {
        // Without timers and signals.
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(future)
    }

    struct Woken;

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {}
    }

    #[test]
    fn a_wait_keeps_one_waker_and_leaves_none() {
        let tally = Tally::default();
        tally.set_actors(1);
        let mut first = pin!(tally.until(Tally::is_over));
        for _ in 0..10_000 {
            let mut cx = Context::from_waker(Waker::noop());
            assert!(first.as_mut().poll(&mut cx).is_pending());
            // From somewhere else each time, as in a `select!` of tasks that come and go.
            let waker = Waker::from(Arc::new(Woken));
            let mut cx = Context::from_waker(&waker);
            let mut other = pin!(tally.until(Tally::is_over));
            assert!(other.as_mut().poll(&mut cx).is_pending());
            assert!(first.as_mut().poll(&mut cx).is_pending());
            assert_eq!(lock(&tally.waiting).wakers.len(), 2);
        }
        assert_eq!(lock(&tally.waiting).wakers.len(), 1);
        tally.actor_ended(false);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(first.as_mut().poll(&mut cx).is_ready());
        assert_eq!(lock(&tally.waiting).wakers.len(), 0);
    }

    /// Hangs in `process`, until the other end of the door is gone.
    #[actor]
    struct Hangs {
        #[output]
        out: Output<DataMessage<u64>>,
        door: Option<Receiver<()>>,
        inside: Sender<()>,
    }

    impl Actor for Hangs {
        async fn process(&mut self, tick: TimedTick) -> Result<()> {
            self.out.send(DataMessage::new(0), tick);
            if let Some(door) = self.door.take() {
                self.inside.send(()).map_err(Error::other)?;
                let _ = door.recv();
            }
            Ok(())
        }
    }

    /// One that hangs once it is inside, and who lets it go.
    fn hangs() -> (Hangs, Sender<()>, Receiver<()>) {
        let (open, door) = channel();
        let (inside, is_inside) = channel();
        (Hangs::new(Some(door), inside), open, is_inside)
    }

    /// Holds another actor.
    #[actor]
    struct Parent {
        #[output]
        out: Output<DataMessage<u64>>,
        child: Option<HangsHandle>,
    }

    impl Actor for Parent {
        async fn process(&mut self, _tick: TimedTick) -> Result<()> {
            Ok(())
        }
    }

    const SHORT: Duration = Duration::from_millis(50);

    fn told(stopped: Result<()>, names: &str) {
        let error = stopped.expect_err("one hangs").to_string();
        let expected = format!("still at work 0.05 s after `stop`: {names}; ");
        assert!(error.contains(&expected), "{error}");
    }

    #[test]
    fn who_is_still_at_work_is_named() -> Result<()> {
        let (hangs, open, is_inside) = hangs();
        let show = pipeline! {
            clock house = SoftwareClock::fps(100);
            hangs = hangs @ house;
            other = Parent::new(None) @ house;
            hangs >> Null::new();
            other >> Null::new();
        }?;
        is_inside.recv().map_err(Error::other)?;
        // What hangs on it waits for it.
        told(
            run(show.stop_within(SHORT)),
            "`hangs` in `process`, and so `null`",
        );
        drop(open);
        run(show.stop())
    }

    #[test]
    fn so_is_a_spawned_actor_and_a_child_of_whoever_was_stopped() -> Result<()> {
        let (alone, open, is_inside) = hangs();
        let alone = spawn(alone.fps(100))?;
        is_inside.recv().map_err(Error::other)?;
        told(run(alone.stop_within(SHORT)), "`Hangs` in `process`");
        drop(open);
        run(alone.stop())?;

        let (child, open, is_inside) = hangs();
        let child = spawn(child.fps(100))?;
        is_inside.recv().map_err(Error::other)?;
        let parent = spawn(Parent::new(Some(child)).fps(100))?;
        told(run(parent.stop_within(SHORT)), "`Hangs` in `process`");
        drop(open);
        run(parent.stop())?;

        let (child, open, is_inside) = hangs();
        let child = spawn(child.fps(100))?;
        is_inside.recv().map_err(Error::other)?;
        let show = pipeline! {
            parent = Parent::new(Some(child)).fps(100);
            parent >> Null::new();
        }?;
        told(run(show.stop_within(SHORT)), "`Hangs` in `process`");
        drop(open);
        run(show.stop())
    }
}
