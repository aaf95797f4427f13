//! The words after `on`, as types: what each does with an actor.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{pool, runtime};
use crate::actor::{Actor, Hosting, Stats};
use crate::clock::Precision;
use crate::{Error, Result};

/// A task: an actor with what hangs on it, as a future that ends when the actor has.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs tasks.
pub trait Dispatcher: Send + Sync + 'static {
    /// Runs `task` until it ends. `name` is the node's.
    ///
    /// # Errors
    ///
    /// When the task can't be started; it is then dropped.
    fn spawn(&self, name: &str, task: Task) -> Result<()>;

    /// Looks whether it could run anything, before anything runs.
    ///
    /// # Errors
    ///
    /// What it is missing.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Asks what it is to run whether that could run, with what it would find around it: `check` does.
    ///
    /// # Errors
    ///
    /// What `check` finds.
    fn check_there(&self, check: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        check()
    }

    /// Why what it runs works elsewhere than its word says first, if it does.
    #[doc(hidden)]
    fn falls_back(&self) -> Option<Error> {
        None
    }
}

/// A dispatcher as a type that a graph is compiled with.
pub trait Placement: Default + Copy + Send + 'static {
    /// The word after `on`.
    const WORD: &'static str;
    /// [`Nested`] if an actor with a single upstream becomes a part of it, else [`Detached`].
    type Nesting;
    /// What runs an actor that is a task of its own.
    type Dispatcher: Dispatcher + Default;
    /// What stands in the graph for an actor that is placed so: itself, unless it is elsewhere.
    #[doc(hidden)]
    type Host<A: Actor + 'static>: Actor<Handle = A::Handle> + 'static;
    /// Puts it there.
    #[doc(hidden)]
    fn host<A: Actor + 'static>(
        actor: A,
        hosting: Option<Hosting<A>>,
        stats: &Arc<Stats>,
    ) -> Self::Host<A>;
}

/// What a [`Placement`] says whose actors stand in the graph themselves.
macro_rules! stands_itself {
    () => {
        type Host<A: $crate::actor::Actor + 'static> = A;

        fn host<A: $crate::actor::Actor + 'static>(
            actor: A,
            _hosting: Option<$crate::actor::Hosting<A>>,
            _stats: &std::sync::Arc<$crate::actor::Stats>,
        ) -> A {
            actor
        }
    };
}
#[cfg(feature = "gpu")]
pub(super) use stands_itself;

/// A word that takes the actor `A`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this dispatcher is a feature of streamlib that is not switched on",
    label = "there is no such dispatcher in this build",
    note = "in `Cargo.toml`, give streamlib `features = [\"process\"]` for `process` (on Linux), `[\"cuda\"]` for `gpu`"
)]
pub trait Takes<A>: Placement {
    /// How the actor gets where it runs, if that is elsewhere.
    fn hosting(self) -> Option<Hosting<A>> {
        None
    }
}

impl<A> Takes<A> for Inline {}
impl<A> Takes<A> for Tokio {}
impl<A> Takes<A> for Threads {}

/// `process`, where there is none.
#[cfg(not(all(feature = "process", target_os = "linux")))]
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProcess;

/// `gpu`, where there is none.
#[cfg(not(feature = "gpu"))]
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct NoGpu;

/// `inline`: right after the upstream, in its task.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inline;

/// `tokio`: a task of the surrounding tokio runtime.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokio;

/// `threads`: a task of streamlib's pool of threads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads;

impl Threads {
    /// How soon the workers get a core when they have a tick to work on: for all of the program, from
    /// each worker's next task on. [`Normal`](Precision::Normal) unless set.
    ///
    /// A worker has no timers of its own, so `Normal` is the short time slice alone, and `LowPower` what
    /// the system gives every thread. Actors at `Realtime` come before everything ordinary on the
    /// machine, also when they work for long: leave that to graphs whose work fits their ticks.
    pub fn precision(precision: Precision) {
        pool::pool().set_precision(precision);
    }

    /// The workers' precision, what they were given for it, and what not: on one line, in words.
    #[must_use]
    pub fn status() -> String {
        pool::pool().granted().to_string()
    }
}

impl Dispatcher for Tokio {
    fn spawn(&self, _name: &str, task: Task) -> Result<()> {
        runtime::handle()?.spawn(task);
        Ok(())
    }
}

impl Dispatcher for Threads {
    fn spawn(&self, _name: &str, task: Task) -> Result<()> {
        pool::pool().spawn(task)
    }
}

/// An actor becomes a part of what feeds it.
#[derive(Clone, Copy, Debug)]
pub struct Nested;

/// An actor is a task of its own.
#[derive(Clone, Copy, Debug)]
pub struct Detached;

impl Placement for Inline {
    const WORD: &'static str = "inline";
    type Nesting = Nested;
    type Dispatcher = Threads;
    stands_itself!();
}

impl Placement for Tokio {
    const WORD: &'static str = "tokio";
    type Nesting = Detached;
    type Dispatcher = Tokio;
    stands_itself!();
}

impl Placement for Threads {
    const WORD: &'static str = "threads";
    type Nesting = Detached;
    type Dispatcher = Threads;
    stands_itself!();
}

/// What `dispatcher = process` says, where there is none.
#[cfg(not(all(feature = "process", target_os = "linux")))]
#[doc(hidden)]
#[must_use]
pub fn hosting<A>() -> Option<Hosting<A>>
where
    NoProcess: Takes<A>,
{
    None
}

#[cfg(not(all(feature = "process", target_os = "linux")))]
impl Placement for NoProcess {
    const WORD: &'static str = "process";
    type Nesting = Detached;
    type Dispatcher = Threads;
    stands_itself!();
}

#[cfg(not(feature = "gpu"))]
impl Placement for NoGpu {
    const WORD: &'static str = "gpu";
    type Nesting = Detached;
    type Dispatcher = Threads;
    stands_itself!();
}
