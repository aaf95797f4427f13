//! What a task runs on a tick: an actor, and the `inline` actors that are a part of its type.

use std::future::Future;

use super::runner::{Context, Runner};
use crate::Result;
use crate::actor::Actor;
use crate::dispatch::with_handoff;
use crate::time::TimedTick;

/// An actor and those that are run right after it.
pub struct Branch<A, F> {
    pub(super) runner: Runner<A>,
    pub(super) followers: F,
}

/// A branch that is run after the actor that feeds it, and the branches before it.
pub struct Fed<F, B, G> {
    pub(super) others: F,
    pub(super) branch: Branch<B, G>,
    /// Which outputs of the actor above feed it.
    pub(super) mask: u64,
}

/// What is run on a tick, statically composed.
pub trait Run: Send + 'static {
    fn check(&self) -> Result<()>;
    fn start(&mut self, context: &Context) -> impl Future<Output = ()> + Send;
    /// Works on a tick; `last` if the task has nothing to do after it.
    fn run(&mut self, tick: TimedTick, last: bool) -> impl Future<Output = ()> + Send;
    fn pass(&mut self, frame_number: u64);
    fn end(&mut self) -> impl Future<Output = ()> + Send;
    /// Whether anything in it has not ended.
    fn is_live(&self) -> bool;
}

/// The branches below an actor, statically composed.
pub trait Followers: Send + 'static {
    /// Whether there is none.
    const EMPTY: bool;
    fn check(&self) -> Result<()>;
    fn start(&mut self, context: &Context) -> impl Future<Output = ()> + Send;
    fn run(
        &mut self,
        tick: TimedTick,
        published: u64,
        last: bool,
    ) -> impl Future<Output = ()> + Send;
    fn pass(&mut self, frame_number: u64);
    fn end(&mut self) -> impl Future<Output = ()> + Send;
}

impl<A: Actor, F: Followers> Run for Branch<A, F> {
    fn check(&self) -> Result<()> {
        self.runner.check()?;
        self.followers.check()
    }

    async fn start(&mut self, context: &Context) {
        self.runner.start(context).await;
        self.followers.start(context).await;
        if self.runner.is_ending() {
            self.end().await;
        }
    }

    #[inline]
    async fn run(&mut self, tick: TimedTick, last: bool) {
        let published = self.runner.process(tick).await;
        if F::EMPTY && last {
            with_handoff(|| self.runner.signal(tick, published));
        } else {
            // This thread has work left: what it wakes starts on others.
            self.runner.signal(tick, published);
            self.followers.run(tick, published, last).await;
        }
        if self.runner.is_ending() {
            self.end().await;
        }
    }

    fn pass(&mut self, frame_number: u64) {
        self.runner.pass(frame_number);
        self.followers.pass(frame_number);
    }

    async fn end(&mut self) {
        self.runner.end().await;
        self.followers.end().await;
    }

    fn is_live(&self) -> bool {
        self.runner.is_live()
    }
}

impl Followers for () {
    const EMPTY: bool = true;

    fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn start(&mut self, _context: &Context) {}

    async fn run(&mut self, _tick: TimedTick, _published: u64, _last: bool) {}

    fn pass(&mut self, _frame_number: u64) {}

    async fn end(&mut self) {}
}

impl<F: Followers, B: Actor, G: Followers> Followers for Fed<F, B, G> {
    const EMPTY: bool = false;

    fn check(&self) -> Result<()> {
        self.others.check()?;
        self.branch.check()
    }

    async fn start(&mut self, context: &Context) {
        self.others.start(context).await;
        self.branch.start(context).await;
    }

    #[inline]
    async fn run(&mut self, tick: TimedTick, published: u64, last: bool) {
        self.others.run(tick, published, false).await;
        if self.mask & published != 0 {
            self.branch.run(tick, last).await;
        } else {
            self.branch.pass(tick.frame_number);
        }
    }

    fn pass(&mut self, frame_number: u64) {
        self.others.pass(frame_number);
        self.branch.pass(frame_number);
    }

    async fn end(&mut self) {
        self.others.end().await;
        self.branch.end().await;
    }
}
