//! Actors that are started one by one and wired while they run.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::Poll;

use super::branch::{Branch, Followers};
use super::edge::{EdgeTx, Progress, edge};
use super::inbox::Inbox;
use super::run::{Clocked, Gate, Tally};
use super::runner::{Context, Runner};
use super::signal::Signal;
use super::status::is_held_up;
use super::task::drive;
use super::watchdog::{DEADLINE, Paced, Watch, Watched, watch};
use crate::actor::{
    Actor, ActorHandle, ActorInfo, ActorState, ActorStatus, IntoNode, PortInfo, Ports, Running,
    Stats, Unlink,
};
use crate::clock::{AnyClock, Clock};
use crate::dispatch::{Dispatcher, Placement};
use crate::profile::{Measured, MeasuredNode};
use crate::time::Rate;
use crate::{Error, Result};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts an actor by itself. It runs until it ends or its handle is dropped.
///
/// An actor with a clock of its own ticks at once; one without waits until it is connected, and then
/// takes on the clock of what feeds it. The handle has the actor's ports as fields:
///
/// ```
/// use streamlib::prelude::*;
///
/// # #[streamlib::main]
/// # async fn main() -> Result<()> {
/// let bars = spawn(TestPattern::new(Pattern::SmpteBars).size(320, 180).fps(60))?;
/// let null = spawn(Null::<VideoFrame>::new())?;
/// let link = (&bars.video >> &null.input)?;
/// assert_eq!(null.status().clock_id, bars.status().clock_id);
/// link.disconnect();
/// null.stop().await?;
/// bars.stop().await
/// # }
/// ```
///
/// # Errors
///
/// What the actor's `check` finds, and a clock's impossible rate.
pub fn spawn<N, K>(node: N) -> Result<<N::Actor as Ports>::Handle>
where
    N: IntoNode<K, Actor: Actor + 'static, Dispatcher: Placement>,
{
    let hosting = N::hosting();
    let (actor, clock) = node.into_parts();
    let ActorInfo { name, deadline, .. } = <N::Actor as Ports>::INFO;
    let dispatcher = <N::Dispatcher as Placement>::WORD;
    let stats = Arc::new(Stats::new(name.to_owned(), name, dispatcher));
    let mut actor = <N::Dispatcher as Placement>::host(actor, hosting, &stats);
    let signal = Arc::<Signal>::default();
    let tally = Arc::<Tally>::default();
    tally.set_actors(1);
    let gate = Gate::new(Arc::clone(&tally), 1);
    let control = Arc::new(Spawned {
        stats: Arc::clone(&stats),
        signal: Arc::clone(&signal),
        links: Arc::default(),
        tally: Arc::clone(&tally),
        gate: Arc::clone(&gate),
        watched: OnceLock::new(),
        clock,
        feeders: Mutex::default(),
        feeds: Mutex::default(),
    });
    let handle = actor.handle(ActorHandle::new(Arc::clone(&control) as Arc<dyn Running>));

    let mut runner = Runner::new(actor, stats);
    runner.control(Arc::clone(&control.links));
    let branch = Branch::head(runner);
    let placed = <N::Dispatcher as Placement>::Dispatcher::default();
    placed.check_there(&mut || branch.check())?;
    let mut edges = Vec::new();
    let mut paced = true;
    let rate = control
        .clock
        .as_ref()
        .map_or(Rate::fps(1), |clock| clock.rate());
    if let Some(clock) = &control.clock {
        if let Some(lockstep) = clock.lockstep() {
            signal.set_lockstep(lockstep);
            paced = false;
        }
        let (tx, rx) = edge(&signal, u64::MAX);
        edges.push(rx);
        gate.hold(Clocked {
            subscriptions: vec![clock.subscribe(vec![Box::new(tx)])?],
            clocks: vec![clock.clone()],
            signals: Vec::new(),
        });
    }
    if paced {
        // Ticks can be counted where they are known.
        let deadline = match (&control.clock, deadline) {
            (Some(_), 1..) => rate.time_of(u64::from(deadline)),
            _ => DEADLINE,
        };
        control.stats.set_deadline(deadline);
        let spawned: Weak<Spawned> = Arc::downgrade(&control);
        let watched = watch(vec![Watch {
            stats: Arc::clone(&control.stats),
            deadline,
            paced: Some(spawned),
        }]);
        control.watched.get_or_init(|| watched);
    }
    let inbox = Inbox::open(signal, edges, control.clock.is_some(), rate);
    let measured = Measured::new(|| {
        let node = MeasuredNode {
            stats: Arc::clone(&control.stats),
            clock: control.clock.clone(),
            is_clocked: control.clock.is_some(),
            waits: false,
        };
        (vec![node], Vec::new())
    });
    let context = Context {
        tally,
        paced,
        gate: Arc::clone(&gate),
        measured,
    };
    let task = Box::pin(drive(branch, inbox, gate, context));
    placed.spawn(name, task)?;
    Ok(handle)
}

/// An actor that runs by itself.
struct Spawned {
    stats: Arc<Stats>,
    signal: Arc<Signal>,
    links: Arc<Links>,
    tally: Arc<Tally>,
    gate: Arc<Gate>,
    watched: OnceLock<Arc<Watched>>,
    clock: Option<AnyClock>,
    feeders: Mutex<Vec<Weak<dyn Running>>>,
    feeds: Mutex<Vec<Fed>>,
}

/// Whom a spawned actor feeds, along which edge.
#[derive(Clone)]
struct Fed {
    edge: Weak<Progress>,
    downstream: Weak<dyn Running>,
}

/// How a task that runs is given more to tick.
#[derive(Default)]
pub(super) struct Links {
    changed: AtomicBool,
    new: Mutex<Vec<EdgeTx>>,
}

impl Links {
    #[inline]
    pub(super) fn apply(&self, links: &mut Vec<EdgeTx>) {
        links.retain(|link| !link.is_detached());
        // Acquire: pairs with the Release store in `add`.
        if self.changed.load(Ordering::Relaxed) && self.changed.swap(false, Ordering::Acquire) {
            links.append(&mut lock(&self.new));
        }
    }

    fn add(&self, link: EdgeTx) {
        lock(&self.new).push(link);
        // Release: pairs with the Acquire swap in `apply`.
        self.changed.store(true, Ordering::Release);
    }
}

impl Spawned {
    /// Whether `other` feeds it, directly or through others.
    fn hangs_on(&self, other: &Self) -> bool {
        let feeders = lock(&self.feeders).clone();
        feeders.iter().filter_map(Weak::upgrade).any(|feeder| {
            let feeder = feeder.as_any().downcast_ref::<Self>();
            feeder.is_some_and(|feeder| std::ptr::eq(feeder, other) || feeder.hangs_on(other))
        })
    }

    /// Its own clock, or that of the first that feeds it.
    fn clock(&self) -> Option<AnyClock> {
        let feeders = || lock(&self.feeders).clone();
        self.clock.clone().or_else(|| {
            feeders()
                .iter()
                .filter_map(Weak::upgrade)
                .find_map(|feeder| feeder.as_any().downcast_ref::<Self>().and_then(Self::clock))
        })
    }

    /// Its state, which is that of an actor that is stalled also where it only waits for one.
    fn state(&self) -> ActorState {
        let own = self.stats.state();
        if own != ActorState::Running || self.clock.is_some() {
            return own;
        }
        let feeders = lock(&self.feeders).clone();
        // Those that are gone have ended.
        let feeders = feeders.iter().filter_map(Weak::upgrade);
        let states = feeders.map(|feeder| {
            let feeder = feeder.as_any().downcast_ref::<Self>();
            feeder.map_or(ActorState::Stopped, Self::state)
        });
        if is_held_up(states) {
            ActorState::Stalled
        } else {
            own
        }
    }

    /// All that hang on it are told what will tick them; what has no clock is waited for by nobody.
    fn is_ticked_by(&self, clock: &AnyClock) {
        let mut feeds = lock(&self.feeds);
        feeds.retain(|fed| fed.edge.strong_count() > 0);
        let feeds = feeds.clone();
        for Fed { edge, downstream } in feeds {
            if let Some(edge) = edge.upgrade() {
                edge.expect(clock.id(), clock.rate());
            }
            if let Some(downstream) = downstream.upgrade()
                && let Some(downstream) = downstream.as_any().downcast_ref::<Self>()
            {
                downstream.signal.look();
                downstream.is_ticked_by(clock);
            }
        }
    }
}

impl Paced for Spawned {
    fn is_paced(&self) -> bool {
        self.clock().is_none_or(|clock| clock.lockstep().is_none())
    }
}

impl Running for Spawned {
    fn status(&self) -> ActorStatus {
        self.stats.set_clock(
            self.clock()
                .map(|clock| (clock.id(), clock.name().to_owned())),
        );
        let mut status = self.stats.snapshot();
        status.state = self.state();
        status
    }

    fn stop(&self) {
        self.gate.close();
        self.signal.end();
    }

    fn poll_stopped(&self, cx: &mut std::task::Context<'_>) -> Poll<()> {
        self.tally.poll_until(cx, Tally::is_over)
    }

    fn link(
        self: Arc<Self>,
        output: &'static PortInfo,
        downstream: Arc<dyn Running>,
    ) -> Result<Unlink> {
        let Some(target) = downstream.as_any().downcast_ref::<Self>() else {
            return Err(Error::graph("only actors of this process can be connected"));
        };
        if std::ptr::eq(target, &*self) || self.hangs_on(target) {
            return Err(Error::graph(format_args!(
                "the connection would close a circle: `{}` already feeds `{}`",
                target.stats.name(),
                self.stats.name(),
            )));
        }
        self.stats.add_readers(1);
        let stats = Arc::clone(&self.stats);
        if target.clock.is_some() {
            // It reads what comes, on its own ticks.
            return Ok(Box::new(move || stats.remove_reader()));
        }
        let clock = self.clock();
        if let Some(clock) = &clock
            && let Some(lockstep) = clock.lockstep()
        {
            target.signal.set_lockstep(lockstep);
        }
        let feeder: Weak<dyn Running> = Arc::downgrade(&(Arc::clone(&self) as Arc<dyn Running>));
        lock(&target.feeders).push(feeder.clone());
        let expected = clock.as_ref().map(|clock| (clock.id(), clock.rate()));
        let (mut tx, unedge) = target.signal.add(expected);
        tx.mask = 1 << output.index;
        lock(&self.feeds).push(Fed {
            edge: unedge.progress(),
            downstream: Arc::downgrade(&downstream),
        });
        if let Some(clock) = &clock {
            target.is_ticked_by(clock);
        }
        self.links.add(tx);
        Ok(Box::new(move || {
            stats.remove_reader();
            if let Some(target) = downstream.as_any().downcast_ref::<Self>() {
                lock(&target.feeders).retain(|other| !other.ptr_eq(&feeder));
                target.signal.remove(unedge);
            }
        }))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
