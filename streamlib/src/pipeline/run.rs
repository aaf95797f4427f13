//! The handle of a graph that runs: its status, its picture, its end.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use super::signal::Signal;
use super::status::Waits;
use super::watchdog::Watched;
use super::{ClockLine, Graph, GraphNode, Status};
use crate::actor::{ActorState, ActorStatus, Stats};
use crate::clock::{AnyClock, Clock, Subscription};
use crate::dispatch::{Threads, own_runtime};
use crate::profile::{Measured, Profile};
use crate::{Error, Result};

/// How long `stop` waits for actors that are at work.
const PATIENCE: Duration = Duration::from_secs(10);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts what is alive, and wakes who waits for the counts.
#[derive(Default)]
pub(crate) struct Tally {
    actors: AtomicUsize,
    sinks: AtomicUsize,
    starting: AtomicUsize,
    waiting: Mutex<Vec<Waker>>,
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
        for waker in std::mem::take(&mut *lock(&self.waiting)) {
            waker.wake();
        }
    }

    pub(super) fn poll_until(
        &self,
        cx: &mut std::task::Context<'_>,
        done: impl Fn(&Self) -> bool,
    ) -> Poll<()> {
        if done(self) {
            return Poll::Ready(());
        }
        lock(&self.waiting).push(cx.waker().clone());
        // Again: it may have come true before the waker was there.
        if done(self) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    pub(super) fn is_over(&self) -> bool {
        // Acquire: pairs with the Release in `actor_ended`.
        self.actors.load(Ordering::Acquire) == 0
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
    /// Ctrl-C; then stops. Says on standard error what runs when it has started, and prints the status
    /// table at the end; [`finished`](Self::finished) and [`stop`](Self::stop) do the same in silence.
    ///
    /// # Errors
    ///
    /// Those of `stop`.
    pub async fn run(&self) -> Result<()> {
        // Acquire: pairs with `Gate::arrive`.
        let started = |tally: &Tally| tally.starting.load(Ordering::Acquire) == 0;
        poll_fn(|cx| self.tally.poll_until(cx, started)).await;
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
        {
            let interrupted = own_runtime()?.spawn(tokio::signal::ctrl_c());
            let mut interrupted = pin!(interrupted);
            let mut finished = pin!(self.finished());
            poll_fn(|cx| match finished.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(()),
                Poll::Pending => interrupted.as_mut().poll(cx).map(drop),
            })
            .await;
        }
        let stopped = self.stop().await;
        eprintln!("{}", self.status());
        stopped
    }

    /// Waits until all sinks have ended.
    pub async fn finished(&self) {
        // Acquire: pairs with the Release in `Tally::actor_ended`.
        let ended = |tally: &Tally| tally.sinks.load(Ordering::Acquire) == 0;
        poll_fn(|cx| self.tally.poll_until(cx, ended)).await;
    }

    /// Stops the sources, lets what they have published flow through, and returns when every actor
    /// has ended. A second call does nothing more.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] with the reason of the first actor that had failed, or with the names of those
    /// that are still at work after ten seconds.
    pub async fn stop(&self) -> Result<()> {
        self.gate.close();
        let patience = {
            // The surrounding runtime may have been built without timers.
            let runtime = own_runtime()?;
            let _entered = runtime.enter();
            tokio::time::sleep(PATIENCE)
        };
        let mut patience = pin!(patience);
        let over = poll_fn(|cx| match self.tally.poll_until(cx, Tally::is_over) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending => patience.as_mut().poll(cx).map(|()| false),
        })
        .await;
        if let Some(measured) = &self.measured {
            measured.finish();
        }
        let status = self.status();
        if !over {
            let live = |state| {
                matches!(
                    state,
                    ActorState::Starting | ActorState::Running | ActorState::Stalled
                )
            };
            let names: Vec<_> = status
                .actors
                .iter()
                .filter(|actor| live(actor.state))
                .map(|actor| format!("`{}`", actor.name))
                .collect();
            return Err(Error::graph(format_args!(
                "still at work {} s after `stop`: {}; what `process` waits for must end too",
                PATIENCE.as_secs(),
                names.join(", "),
            )));
        }
        status.actors.iter().try_for_each(ActorStatus::failure)
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
