//! One actor at work: its ticks are counted and measured, its errors and panics survived.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::edge::EdgeTx;
use super::probed::probed;
use super::restarts::Restarts;
use super::run::Gate;
use super::run::Tally;
use super::sharing::sharing;
use super::spawn::{Links, left};
#[cfg(feature = "gpu")]
use super::unwind::unwinding;
use super::unwind::{Outcome, Unusual, caught, gone, made, panicked, to_make, watched, words_of};
use super::watchdog::{nanos, seen};
use super::whereabouts::thread;
use crate::actor::{
    Actor, ActorState, Call, OnError, Restart, Stats, TickNumber, clear_moment, drop_on, left_by,
    set_moment,
};
use crate::profile::{Measured, Probe};
use crate::time::{ClockId, TimedTick};
use crate::{Error, Result};

/// An actor faster than this is not measured on every tick of a clock that keeps no real time.
const QUICK: Duration = Duration::from_nanos(500);
/// The ticks between two measurements of a quick actor.
const SKIP: u32 = 31;

/// One actor at work.
pub struct Runner<A> {
    /// Gone once it has ended.
    actor: Option<A>,
    stats: Arc<Stats>,
    /// Where its end is counted, once it has started.
    tally: Option<Arc<Tally>>,
    links: Vec<EdgeTx>,
    control: Option<Arc<Links>>,
    paced: bool,
    /// Whether anything looks at its ticks: the watchdog of a clock that keeps real time, or a probe.
    looked_at: bool,
    skip: u32,
    /// Whether its delayed inputs need the number of the tick.
    now: Option<TickNumber>,
    /// The tasks outside of its graph that hang on it, once that graph is a part of another.
    outside: Option<Arc<Mutex<Vec<EdgeTx>>>>,
    ending: bool,
    failed: bool,
    /// Under `on_error = restart`.
    restarts: Restarts,
    /// Under `on_error = stop_all`: how the graph is ended.
    gate: Option<Arc<Gate>>,
    /// What measures it, if anything does.
    probe: Option<Box<Probe>>,
    /// Whether what it makes is to be shown to other processes.
    shares: bool,
}

/// What measures an actor: nothing in the build with which the one that could is compared
/// (`cargo xtask compare --only profile-off`).
#[inline]
fn hung(probe: &mut Option<Box<Probe>>) -> Option<&mut Probe> {
    if cfg!(streamlib_without_profile) {
        return None;
    }
    probe.as_deref_mut()
}

/// What a graph tells its actors when they start.
pub struct Context {
    pub(super) tally: Arc<Tally>,
    /// Whether the clock keeps real time.
    pub(super) paced: bool,
    pub(super) gate: Arc<Gate>,
    /// What measures the graph, if anything does.
    pub(super) measured: Option<Arc<Measured>>,
}

impl<A: Actor + 'static> Runner<A> {
    pub(super) fn new(actor: A, stats: Arc<Stats>) -> Self {
        Self {
            actor: Some(actor),
            stats,
            tally: None,
            links: Vec::new(),
            control: None,
            paced: true,
            looked_at: true,
            skip: 0,
            now: None,
            outside: None,
            ending: false,
            failed: false,
            restarts: Restarts::default(),
            gate: None,
            probe: None,
            shares: false,
        }
    }

    /// Whether it has not ended.
    pub(super) fn is_live(&self) -> bool {
        self.actor.is_some()
    }

    /// Whether it said on this tick that it ends.
    pub(super) fn is_ending(&self) -> bool {
        self.ending
    }

    /// Tells the tasks that hang on it that a tick is over, one of `clock` where that may change.
    pub(super) fn pass(&mut self, frame_number: u64, clock: Option<ClockId>) {
        for link in &mut self.links {
            link.pass(frame_number, clock);
        }
    }

    /// Something that fed it was taken away: its inputs, asked about what they lost, let go of the reader.
    pub(super) fn let_go(&self) {
        if let Some(actor) = &self.actor {
            // This thread may remember the tick on which they took in changes last, and would leave it at that.
            clear_moment();
            self.asks(actor);
        }
    }

    /// Asks what its inputs have lost and found too old. Those that were cut let go of what they read, which may be the last that anybody has of it.
    fn asks(&self, actor: &A) {
        let asks = || {
            self.stats.dropped(actor.overwritten());
            self.stats.stale(actor.stale());
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(asks)) {
            self.count(*panicked(panic), "drop");
        }
    }

    /// Has those hear of its ticks that were linked to it since.
    #[inline]
    pub(super) fn take_up(&mut self) {
        if let Some(control) = &self.control {
            control.apply(&mut self.links);
        }
    }

    pub(super) fn stats(&self) -> &Arc<Stats> {
        &self.stats
    }

    pub(super) fn link(&mut self, link: EdgeTx) {
        self.links.push(link);
    }

    pub(super) fn control(&mut self, control: Arc<Links>) {
        self.control = Some(control);
    }

    /// It has delayed inputs, which need to know what tick it is.
    pub(super) fn counts(&mut self, now: Option<TickNumber>) {
        self.now = now;
    }

    /// What it publishes leaves its graph; `links` is filled before it starts.
    pub(super) fn leads_out(&mut self, links: Arc<Mutex<Vec<EdgeTx>>>) {
        self.outside = Some(links);
    }

    pub(super) fn check(&self) -> Result<()> {
        let Some(actor) = &self.actor else {
            return Ok(());
        };
        actor.check().map_err(|error| match error {
            Error::Invalid {
                what,
                given,
                expected,
            } => Error::Invalid {
                what: format!("`{}`: {what}", self.stats.name()).into(),
                given,
                expected,
            },
            other => other,
        })
    }

    pub(super) async fn start(&mut self, context: &Context) {
        self.paced = context.paced;
        self.tally = Some(Arc::clone(&context.tally));
        if let OnError::StopAll = A::INFO.on_error {
            self.gate = Some(Arc::clone(&context.gate));
        }
        self.shares = self.stats.shares();
        if !cfg!(streamlib_without_profile) {
            self.probe = Probe::new(&self.stats, context.measured.as_ref());
        }
        self.looked_at = self.paced || self.probe.is_some();
        if let Some(outside) = self.outside.take() {
            let mut outside = outside.lock().unwrap_or_else(PoisonError::into_inner);
            self.links.append(&mut outside);
        }
        self.links.iter_mut().for_each(EdgeTx::settle);
        let Some(actor) = &mut self.actor else { return };
        // Its outputs take up the rings that other graphs have built for them.
        actor.published();
        let (stats, shares) = (&self.stats, self.shares);
        let outcome = seen(stats, Call::OnStart, shares, || actor.on_start()).await;
        self.summarize();
        match outcome.map_err(|unusual| *unusual) {
            Ok(()) => self.stats.set_state(ActorState::Running),
            Err(Unusual::Ended) => {
                self.stats.set_state(ActorState::Running);
                self.ending = true;
            }
            Err(failure) => {
                self.count(failure, "on_start");
                match A::INFO.on_error {
                    // It rests, as after any other failure.
                    OnError::Restart(policy) if self.restarts.failed(&policy, None) => {
                        self.stats.set_state(ActorState::Running);
                    }
                    _ => self.fail(),
                }
            }
        }
    }

    fn summarize(&self) {
        if let Some(actor) = &self.actor {
            let summary = catch_unwind(AssertUnwindSafe(|| actor.summary())).unwrap_or_default();
            self.stats.set_summary(summary);
        }
    }

    /// Works on a tick; says which outputs were published to.
    #[inline]
    pub(super) async fn process(&mut self, tick: TimedTick) -> u64 {
        if !(self.restarts.is_working() || self.restarts.is_over(tick) && self.restart(tick).await)
        {
            return 0;
        }
        let Some(actor) = &mut self.actor else {
            return 0;
        };
        self.stats.tick();
        if let Some(now) = &self.now {
            now.set(tick.frame_number);
        }
        let started = if self.skip == 0 {
            Some(Instant::now())
        } else {
            None
        };
        let stats = &*self.stats;
        let shares = self.shares;
        // One question on a clock that runs as fast as it can.
        let outcome = if !self.looked_at {
            let enter = || {
                set_moment(tick);
                sharing(shares)
            };
            watched(|| actor.process(tick), enter, || {}).await
        } else {
            // One way for both, so that a probe that isn't there costs no more than to see that.
            let (mut probe, paced) = (hung(&mut self.probe), self.paced);
            match (&mut probe, started) {
                (Some(probe), _) => probe.begin(tick),
                (None, Some(started)) => stats.busy(nanos(started), thread()),
                (None, None) => {}
            }
            let mut make = to_make(|| actor.process(tick));
            let mut work = pin!(None);
            let outcome = poll_fn(|cx| {
                let _shared = sharing(shares);
                match &mut probe {
                    Some(probe) => {
                        let mut poll = || made(&mut make, work.as_mut(), cx);
                        probed(probe, stats, paced, &mut poll)
                    }
                    None => {
                        set_moment(tick);
                        stats.on_thread(thread());
                        let polled = caught(|| made(&mut make, work.as_mut(), cx));
                        if polled.is_pending() {
                            stats.on_thread(0);
                        } else {
                            stats.idle();
                        }
                        polled
                    }
                }
            })
            .await;
            if outcome.is_err() {
                gone(work);
            }
            outcome
        };
        let published = actor.published();
        if let Some(started) = started {
            let took = started.elapsed();
            self.stats.took(took);
            self.stats.dropped(actor.overwritten());
            self.stats.stale(actor.stale());
            if !self.looked_at {
                if took < QUICK {
                    self.skip = SKIP;
                }
            } else if let Some(probe) = hung(&mut self.probe) {
                probe.done(published);
            }
        } else {
            self.skip -= 1;
        }
        match outcome {
            Ok(()) => self.restarts.worked(),
            Err(unusual) => self.unusual(*unusual, tick),
        }
        published
    }

    #[cold]
    fn unusual(&mut self, unusual: Unusual, tick: TimedTick) {
        if matches!(unusual, Unusual::Ended) {
            self.ending = true;
            return;
        }
        self.count(unusual, "process");
        match A::INFO.on_error {
            OnError::Skip => {}
            OnError::Restart(policy) => self.rest(&policy, tick),
            OnError::Stop | OnError::StopAll => self.fail(),
        }
    }

    /// It ends, because of an error that was counted.
    fn fail(&mut self) {
        self.failed = true;
        self.ending = true;
        let status = self.stats.snapshot();
        // The first failure was said, and is the reason if it was the only one.
        if status.errors + status.panics > 1 && !tracing::dispatcher::has_been_set() {
            let reason = status.last_error.unwrap_or_default();
            eprintln!("streamlib: `{}` has ended: {reason}", status.name);
        }
        self.stop_all();
    }

    /// Lets ticks pass until the next try, unless there were enough of them.
    fn rest(&mut self, policy: &Restart, tick: TimedTick) {
        if !self.restarts.failed(policy, Some(tick)) {
            let Restart { max, within, .. } = policy;
            tracing::error!(
                actor = self.stats.name(),
                "stops: it was restarted {max} times within {within:?}"
            );
            self.fail();
        }
    }

    /// Closes the actor and opens it again; says whether it is open.
    #[cold]
    async fn restart(&mut self, tick: TimedTick) -> bool {
        let (Some(actor), OnError::Restart(policy)) = (&mut self.actor, A::INFO.on_error) else {
            return false;
        };
        let (stats, shares) = (&self.stats, self.shares);
        let stopped = seen(stats, Call::OnStop, false, || actor.on_stop()).await;
        let started = seen(stats, Call::OnStart, shares, || actor.on_start()).await;
        self.stats.restarted();
        self.restarts.restarted(&policy, tick);
        self.tell(stopped, "on_stop");
        match started.map_err(|unusual| *unusual) {
            Ok(()) => {
                self.summarize();
                true
            }
            Err(Unusual::Ended) => {
                self.ending = true;
                false
            }
            Err(failure) => {
                self.count(failure, "on_start");
                self.rest(&policy, tick);
                false
            }
        }
    }

    /// Tells the tasks that hang on this actor what a tick has brought.
    #[inline]
    pub(super) fn signal(&mut self, tick: TimedTick, published: u64) {
        self.take_up();
        for link in &mut self.links {
            if link.mask & published != 0 {
                link.publish(tick);
            } else if !self.ending {
                link.pass(tick.frame_number, Some(tick.clock_id));
            }
        }
    }

    /// Ends it, on a tick or between two.
    pub(super) async fn end(&mut self, tick: Option<TimedTick>) {
        let Some(mut actor) = self.actor.take() else {
            return;
        };
        let outcome = if self.stats.state() == ActorState::Starting && !self.failed {
            // Never started: there is nothing to flush.
            Ok(())
        } else {
            seen(&self.stats, Call::OnStop, false, || actor.on_stop()).await
        };
        self.tell(outcome, "on_stop");
        // What it has left to a card uses what is dropped below.
        #[cfg(feature = "gpu")]
        if let Err(unusual) = unwinding(crate::dispatch::settled()).await {
            self.count(*unusual, "on_stop");
            self.failed = true;
        }
        self.asks(&actor);
        self.over(tick, Some(actor));
    }
}

impl<A> Runner<A> {
    /// Under `on_error = stop_all`: the graph ends with it.
    fn stop_all(&self) {
        if let Some(gate) = &self.gate {
            tracing::error!(actor = self.stats.name(), "the graph stops with it");
            gate.close();
        }
    }

    /// As `count`, of a call that may well have ended as it should.
    fn tell(&self, outcome: Outcome, when: &str) {
        if let Err(unusual) = outcome {
            self.count(*unusual, when);
        }
    }

    fn count(&self, unusual: Unusual, when: &str) {
        let name = self.stats.name();
        let (message, panicked) = match unusual {
            Unusual::Ended => return,
            Unusual::Failed(error) => match words_of(error) {
                Ok(words) => (words, false),
                Err(unusual) => return self.count(*unusual, when),
            },
            Unusual::Panicked(message) => (message.into(), true),
        };
        let what = if panicked { "panic" } else { "error" };
        tracing::error!(actor = name, tick = when, "{what}: {message}");
        if self.stats.failed(message.clone(), panicked) && !tracing::dispatcher::has_been_set() {
            // Nobody collects events; an error that is told nowhere would be worse than this line.
            eprintln!("streamlib: {what} in `{when}` of `{name}`: {message}");
        }
    }

    /// Drops the actor, and lets everybody know who waits for its end.
    fn over(&mut self, tick: Option<TimedTick>, actor: Option<A>) {
        let mut dropped = Ok(());
        // The outputs go first: who is told of the end then finds them closed.
        let children = left_by(|| {
            let drops = catch_unwind(AssertUnwindSafe(move || drop_on(tick, actor)));
            dropped = drops.map_err(panicked);
        });
        self.tell(dropped, "drop");
        if let Some(control) = &self.control {
            control.close(&mut self.links);
        }
        if let Some(tick) = tick {
            self.links.iter().for_each(|link| link.ends_on(tick));
        }
        self.links.clear();
        self.stats.set_state(if self.failed {
            ActorState::Failed
        } else {
            ActorState::Stopped
        });
        self.probe = None;
        if let Some(tally) = self.tally.take() {
            tally.leaves(children.into_iter().filter_map(left));
            tally.actor_ended(self.stats.is_sink());
        }
    }
}

impl<A> Drop for Runner<A> {
    /// Nobody is to wait for an actor that was not ended: a panic came from where none is looked for, such as the drop of an
    /// item that nobody read, or the runtime was shut down that ran its task.
    fn drop(&mut self) {
        // Without it the actor has ended, or was never started.
        if self.tally.is_none() {
            return;
        }
        self.failed = true;
        let has_panicked = std::thread::panicking();
        let message = if has_panicked {
            "a panic between two calls, perhaps in the drop of an item"
        } else {
            "its task was dropped, as by a runtime that is shut down"
        };
        self.stats.failed(message.to_owned(), has_panicked);
        self.stop_all();
        let actor = self.actor.take();
        self.over(None, actor);
    }
}
