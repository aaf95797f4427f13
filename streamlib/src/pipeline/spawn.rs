//! Actors that are started one by one and wired while they run.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use super::branch::{Branch, Followers};
use super::edge::{ENDED, EdgeTx, Progress, edge};
use super::inbox::Inbox;
use super::run::{Clocked, Gate, Left, Tally, ended};
use super::runner::{Context, Runner};
use super::signal::{Signal, Unedge};
use super::status::is_held_up;
use super::task::drive;
use super::watchdog::{DEADLINE, Paced, Watch, Watched, watch};
use crate::actor::{
    Actor, ActorHandle, ActorInfo, ActorState, ActorStatus, IntoNode, PortInfo, Ports, Running,
    Stats, Stopped, Unlink,
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
    begin(node).map(|(handle, _)| handle)
}

/// Starts an actor; gives its handle, and what that holds on to.
fn begin<N, K>(node: N) -> Result<(<N::Actor as Ports>::Handle, Arc<Spawned>)>
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
        feeders: Edges::default(),
        feeds: Edges::default(),
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
    Ok((handle, control))
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
    /// What feeds it, unless it has a clock.
    feeders: Edges,
    /// What it feeds that has no clock.
    feeds: Edges,
}

/// One links at a time: two that do not know of each other might close a circle.
static LINKING: Mutex<()> = Mutex::new(());

/// The edges at one side of a spawned actor, as long as they are there.
#[derive(Default)]
struct Edges(Mutex<Vec<Edge>>);

/// An edge, and who is at its other end.
struct Edge {
    progress: Weak<Progress>,
    other: Weak<Spawned>,
}

impl Edges {
    fn add(&self, edge: Edge) {
        let mut edges = lock(&self.0);
        edges.retain(|edge| edge.progress.strong_count() > 0 && edge.other.strong_count() > 0);
        edges.push(edge);
    }

    fn remove(&self, progress: &Weak<Progress>) {
        lock(&self.0).retain(|edge| !edge.progress.ptr_eq(progress));
    }

    /// Those that there are, in the order in which they were made.
    fn all(&self) -> Vec<(Arc<Progress>, Arc<Spawned>)> {
        let there = |edge: &Edge| Some((edge.progress.upgrade()?, edge.other.upgrade()?));
        lock(&self.0).iter().filter_map(there).collect()
    }
}

/// How a task that runs is given more to tick.
#[derive(Default)]
pub(super) struct Links {
    changed: AtomicBool,
    new: Mutex<New>,
}

/// What has not been taken up.
#[derive(Default)]
struct New {
    links: Vec<EdgeTx>,
    /// Whether nothing will be.
    is_over: bool,
}

impl Links {
    #[inline]
    pub(super) fn apply(&self, links: &mut Vec<EdgeTx>) {
        links.retain(|link| !link.is_detached());
        // Acquire: pairs with the Release store in `add`.
        if self.changed.load(Ordering::Relaxed) && self.changed.swap(false, Ordering::Acquire) {
            links.append(&mut lock(&self.new).links);
        }
    }

    fn add(&self, link: EdgeTx) {
        let mut new = lock(&self.new);
        if new.is_over {
            // After the lock is let go of: whom it leads to is told that nothing will come.
            return drop((new, link));
        }
        // Where nothing ticks, nothing is taken up.
        new.links.retain(|link| !link.is_detached());
        new.links.push(link);
        // Release: pairs with the Acquire swap in `apply`.
        self.changed.store(true, Ordering::Release);
    }

    /// Takes up the last ones: whatever comes now has ended.
    pub(super) fn close(&self, links: &mut Vec<EdgeTx>) {
        let mut new = lock(&self.new);
        new.is_over = true;
        links.append(&mut new.links);
    }
}

/// Whom an actor that has ended has left, if it runs here.
pub(super) fn left(child: Arc<dyn Running>) -> Option<Left> {
    let child = child.into_any().downcast::<Spawned>().ok()?;
    Some(Left {
        stats: Arc::clone(&child.stats),
        tally: Arc::clone(&child.tally),
    })
}

impl Spawned {
    /// What `find` finds first in it and in all that feed it and go on, directly or through others.
    fn upstream<T>(&self, find: impl Fn(&Self) -> Option<T>) -> Option<T> {
        let mut seen = BTreeSet::from([ptr::from_ref(self)]);
        let mut found = find(self);
        let mut next = Vec::new();
        let mut feeders = self.feeders.all();
        while found.is_none() {
            // The first of them comes first, and what feeds that.
            next.extend(feeders.into_iter().rev());
            let (progress, feeder) = next.pop()?;
            let is_new = progress.place().1 != ENDED && seen.insert(Arc::as_ptr(&feeder));
            feeders = if is_new {
                feeder.feeders.all()
            } else {
                Vec::new()
            };
            found = is_new.then(|| find(&feeder)).flatten();
        }
        found
    }

    /// Its own clock, or that of the first that feeds it.
    fn clock(&self) -> Option<AnyClock> {
        self.upstream(|actor| actor.clock.clone())
    }

    /// Its state, which is that of an actor that is stalled also where it only waits for one.
    ///
    /// What was found of others is `known`, for many may hang on the same.
    fn state(&self, known: &mut BTreeMap<*const Self, ActorState>) -> ActorState {
        let own = self.stats.state();
        if own != ActorState::Running || self.clock.is_some() {
            return own;
        }
        let this = ptr::from_ref(self);
        if let Some(&state) = known.get(&this) {
            return state;
        }
        // Those that are gone have ended.
        let feeders = self.feeders.all();
        let states = feeders.iter().map(|(_, feeder)| feeder.state(known));
        let state = if is_held_up(states) {
            ActorState::Stalled
        } else {
            own
        };
        known.insert(this, state);
        state
    }

    /// All that hang on it are told what will tick them; what has no clock is waited for by nobody.
    fn is_ticked_by(self: &Arc<Self>, clock: &AnyClock) {
        let mut seen = BTreeSet::new();
        let mut next = vec![Arc::clone(self)];
        while let Some(actor) = next.pop() {
            if !seen.insert(Arc::as_ptr(&actor)) {
                continue;
            }
            if let Some(lockstep) = clock.lockstep() {
                actor.signal.set_lockstep(lockstep);
            }
            for (edge, downstream) in actor.feeds.all() {
                edge.expect(clock.id(), clock.rate());
                downstream.signal.look();
                next.push(downstream);
            }
        }
    }
}

/// Why `from` can't feed `to`, which feeds it.
fn circle(from: &Arc<Spawned>, to: &Arc<Spawned>) -> Error {
    let instead = "or write a `pipeline!`, in which `>> delay(1) >>` closes a circle a tick late";
    let (from_name, to_name) = (from.stats.name(), to.stats.name());
    if Arc::ptr_eq(from, to) {
        return Error::graph(format_args!(
            "the connection would close a circle, from {from_name} to itself; keep what it needs of its last tick in a field, \
             {instead}"
        ));
    }
    Error::graph(format_args!(
        "the connection would close a circle: that {to_name} already feeds this {from_name}, directly or through others; \
         disconnect a link on the way from the one to the other first, {instead}"
    ))
}

/// A connection, to be undone.
struct Made {
    /// Whose reader it is, until it is counted no more.
    read: Option<Arc<Stats>>,
    /// If it ticks what reads.
    edge: Option<MadeEdge>,
}

/// The edge of a connection. It holds no actor: that has what was connected to it.
struct MadeEdge {
    target: Weak<Spawned>,
    signal: Arc<Signal>,
    unedge: Unedge,
}

impl Unlink for Made {
    fn reads_no_more(&mut self) {
        if let Some(stats) = self.read.take() {
            stats.remove_reader();
        }
    }

    fn unlink(mut self: Box<Self>) {
        self.reads_no_more();
        if let Some(edge) = self.edge {
            if let Some(target) = edge.target.upgrade() {
                target.feeders.remove(&edge.unedge.progress());
            }
            edge.signal.remove(edge.unedge);
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
        status.state = self.state(&mut BTreeMap::new());
        status
    }

    fn stop(&self) {
        self.gate.close();
        self.signal.end();
    }

    fn stopped(&self, patience: Duration) -> Stopped<'_> {
        let live = || {
            let live = (!self.tally.is_over()).then(|| Arc::clone(&self.stats));
            Vec::from_iter(live)
        };
        Box::pin(ended(&self.tally, patience, live))
    }

    fn link(
        self: Arc<Self>,
        output: &'static PortInfo,
        downstream: Arc<dyn Running>,
    ) -> Result<Box<dyn Unlink>> {
        let Ok(target) = downstream.into_any().downcast::<Self>() else {
            return Err(Error::graph("only actors of this process can be connected"));
        };
        let _alone = lock(&LINKING);
        let is_target = |actor: &Self| ptr::eq(actor, &*target).then_some(());
        if self.upstream(is_target).is_some() {
            return Err(circle(&self, &target));
        }
        self.stats.add_readers(1);
        let mut made = Made {
            read: Some(Arc::clone(&self.stats)),
            edge: None,
        };
        if target.clock.is_some() {
            // It reads what comes, on its own ticks.
            return Ok(Box::new(made));
        }
        let clock = self.clock();
        let expected = clock.as_ref().map(|clock| (clock.id(), clock.rate()));
        let (mut tx, unedge) = target.signal.add(expected);
        tx.mask = 1 << output.index;
        let edge = |other: &Arc<Self>| Edge {
            progress: unedge.progress(),
            other: Arc::downgrade(other),
        };
        target.feeders.add(edge(&self));
        self.feeds.add(edge(&target));
        if let Some(clock) = &clock {
            target.is_ticked_by(clock);
        }
        self.links.add(tx);
        made.edge = Some(MadeEdge {
            target: Arc::downgrade(&target),
            signal: Arc::clone(&target.signal),
            unedge,
        });
        Ok(Box::new(made))
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::prelude::*;

    /// Sends a number on every tick.
    #[actor]
    struct Says {
        #[output]
        said: Output<DataMessage<u64>>,
    }

    impl Actor for Says {
        async fn process(&mut self, tick: TimedTick) -> Result<()> {
            self.said.send(DataMessage::new(tick.frame_number), tick);
            Ok(())
        }
    }

    #[test]
    fn links_that_were_cut_are_forgotten_at_both_ends() -> Result<()> {
        let clock = VirtualClock::fps(50);
        let (says, from) = begin(Says::new().clocked(clock))?;
        let (null, to) = begin(Null::<DataMessage<u64>>::new())?;
        for _ in 0..1_000 {
            (&says.said >> &null.input)?.disconnect();
        }
        let begun = Instant::now();
        loop {
            // No tick comes; the task that is led to lets go of them when it is woken.
            (&says.said >> &null.input)?.disconnect();
            let count = |edges: &Edges| lock(&edges.0).len();
            let counts = [
                count(&from.feeds),
                count(&to.feeders),
                lock(&from.links.new).links.len(),
            ];
            // What was cut last is still there when the next is noted.
            if matches!(counts, [..=2, 0, 1]) {
                return Ok(());
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{counts:?}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn what_has_ended_remembers_no_link() -> Result<()> {
        let (says, _) = begin(Says::new().clocked(VirtualClock::fps(50)))?;
        let (null, to) = begin(Null::<DataMessage<u64>>::new())?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        runtime.block_on(null.stop())?;
        for _ in 0..100 {
            (&says.said >> &null.input)?.disconnect();
            to.stop();
        }
        assert!(to.signal.take_changes().is_empty());
        Ok(())
    }
}
