//! What a task runs on a tick: an actor, and the `inline` actors that are a part of its type.

use std::future::Future;

use super::runner::{Context, Runner};
use crate::Result;
use crate::actor::Actor;
use crate::dispatch::with_handoff;
use crate::time::{ClockId, TimedTick};

/// An actor, those that are run right after it, and before all of them the other branches that hang on the
/// same actor. (One type for each actor of a chain, and one future: the compiler follows them only so deep.)
pub struct Branch<F, A, G> {
    pub(super) others: F,
    pub(super) runner: Runner<A>,
    pub(super) followers: G,
    /// Which outputs of the actor above feed it.
    pub(super) mask: u64,
}

impl<A> Branch<(), A, ()> {
    /// The first actor of a task, with nothing after it yet.
    pub(super) fn head(runner: Runner<A>) -> Self {
        Self {
            others: (),
            runner,
            followers: (),
            mask: u64::MAX,
        }
    }
}

impl<A: Actor + 'static, G: Followers> Branch<(), A, G> {
    /// Works on a tick; `last` if the task has nothing to do after it.
    #[inline]
    pub(super) fn work(&mut self, tick: TimedTick, last: bool) -> impl Future<Output = ()> + Send {
        self.run(tick, u64::MAX, last, false)
    }

    /// Whether anything in it has not ended.
    pub(super) fn is_live(&self) -> bool {
        self.runner.is_live()
    }
}

/// The branches below an actor, statically composed.
pub trait Followers: Send + 'static {
    /// Whether there is none.
    const EMPTY: bool;
    fn check(&self) -> Result<()>;
    fn start(&mut self, context: &Context) -> impl Future<Output = ()> + Send;
    /// Works on a tick on which the outputs of the actor above were `published` to; `ends` if that
    /// actor ends on it.
    fn run(
        &mut self,
        tick: TimedTick,
        published: u64,
        last: bool,
        ends: bool,
    ) -> impl Future<Output = ()> + Send;
    /// A tick is over that brought nothing, one of `clock` where that may change.
    fn pass(&mut self, frame_number: u64, clock: Option<ClockId>);
    /// Ends it, on a tick or between two.
    fn end(&mut self, tick: Option<TimedTick>) -> impl Future<Output = ()> + Send;
}

impl Followers for () {
    const EMPTY: bool = true;

    fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn start(&mut self, _context: &Context) {}

    async fn run(&mut self, _tick: TimedTick, _published: u64, _last: bool, _ends: bool) {}

    fn pass(&mut self, _frame_number: u64, _clock: Option<ClockId>) {}

    async fn end(&mut self, _tick: Option<TimedTick>) {}
}

impl<F: Followers, A: Actor + 'static, G: Followers> Followers for Branch<F, A, G> {
    const EMPTY: bool = false;

    fn check(&self) -> Result<()> {
        self.others.check()?;
        self.runner.check()?;
        self.followers.check()
    }

    async fn start(&mut self, context: &Context) {
        self.others.start(context).await;
        self.runner.start(context).await;
        self.followers.start(context).await;
        if self.runner.is_ending() {
            self.runner.end(None).await;
            self.followers.end(None).await;
        }
    }

    #[inline]
    async fn run(&mut self, tick: TimedTick, published: u64, last: bool, ends: bool) {
        if !F::EMPTY {
            self.others.run(tick, published, false, ends).await;
        }
        if self.mask & published == 0 {
            // Whoever ends on a tick that brings nothing has not handled it, nor has what ends with it.
            if !ends {
                let clock = Some(tick.clock_id);
                self.runner.pass(tick.frame_number, clock);
                self.followers.pass(tick.frame_number, clock);
            }
            return;
        }
        let published = self.runner.process(tick).await;
        if G::EMPTY && last {
            with_handoff(|| self.runner.signal(tick, published));
        } else {
            // This thread has work left: what it wakes starts on others.
            self.runner.signal(tick, published);
            let ends = self.runner.is_ending();
            self.followers.run(tick, published, last, ends).await;
        }
        if self.runner.is_ending() {
            self.runner.end(Some(tick)).await;
            self.followers.end(Some(tick)).await;
        }
    }

    fn pass(&mut self, frame_number: u64, clock: Option<ClockId>) {
        self.others.pass(frame_number, clock);
        self.runner.pass(frame_number, clock);
        self.followers.pass(frame_number, clock);
    }

    async fn end(&mut self, tick: Option<TimedTick>) {
        self.others.end(tick).await;
        self.runner.end(tick).await;
        self.followers.end(tick).await;
    }
}
