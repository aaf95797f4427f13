//! An actor with a clock of its own, and how a graph takes either kind.

use super::{Actor, Hosting, Ports};
use crate::clock::{AnyClock, Clock, SoftwareClock};
use crate::time::IntoRate;

/// An actor and the clock that it brings into the graph.
#[derive(Debug)]
pub struct Clocked<A> {
    actor: A,
    clock: AnyClock,
}

impl<A> Clocked<A> {
    /// Changes the actor's configuration, and keeps the clock.
    #[must_use]
    pub fn map(self, change: impl FnOnce(A) -> A) -> Self {
        Self {
            actor: change(self.actor),
            clock: self.clock,
        }
    }

    /// Takes another clock in place of the one before.
    #[must_use]
    pub fn clocked(self, clock: impl Clock) -> Self {
        Self {
            actor: self.actor,
            clock: AnyClock::new(clock),
        }
    }

    /// Takes a software clock of `fps` ticks a second in place of the clock before.
    #[must_use]
    pub fn fps(self, fps: impl IntoRate) -> Self {
        self.clocked(SoftwareClock::fps(fps))
    }
}

/// Gives any actor a clock of its own.
pub trait ActorExt: Actor {
    /// Ticked by a software clock of its own, `fps` times a second. An impossible `fps` (0, less,
    /// NaN, infinite) is an error of the graph that the actor is put into.
    fn fps(self, fps: impl IntoRate) -> Clocked<Self> {
        self.clocked(SoftwareClock::fps(fps))
    }

    /// Ticked by `clock`.
    fn clocked(self, clock: impl Clock) -> Clocked<Self> {
        Clocked {
            actor: self,
            clock: AnyClock::new(clock),
        }
    }
}

impl<A: Actor> ActorExt for A {}

/// Ticked by what feeds it; nothing needs to.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct NoClock;

/// Ticked by what feeds it, which something must.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct FromInputs;

/// Ticked by a clock that it brings.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnClock;

/// Ticked by the clock that the graph gives it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct At;

/// What a graph takes as a node: an actor, or an actor with a clock.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an actor",
    label = "a node of a graph is an actor",
    note = "a function that makes one is called, `name(…)`; a `Result` of one is followed by `?`; a port is one \
            of a node with a name, `NAME = …;`, and then `NAME.port`",
    note = "to make it one, write `#[actor]` above its `struct`, and `impl Actor for` it; where that asks something of a type \
            parameter (`F: Send`), the type given has to have it"
)]
pub trait IntoNode<Kind> {
    type Actor;
    type Dispatcher;
    type Clock;
    fn hosting() -> Option<Hosting<Self::Actor>> {
        None
    }
    fn into_parts(self) -> (Self::Actor, Option<AnyClock>);
}

/// How an actor becomes a node: as it is.
#[doc(hidden)]
#[derive(Debug)]
pub struct Plain;

/// How an actor becomes a node: with its clock.
#[doc(hidden)]
#[derive(Debug)]
pub struct WithClock;

#[diagnostic::do_not_recommend]
impl<A: Actor + 'static> IntoNode<Plain> for A {
    type Actor = <A as Ports>::Itself;
    type Dispatcher = <A as Ports>::Dispatcher;
    type Clock = <A as Ports>::Clock;

    fn hosting() -> Option<Hosting<Self::Actor>> {
        <A as Ports>::own_hosting()
    }

    fn into_parts(self) -> (Self::Actor, Option<AnyClock>) {
        let clock = self.own_clock();
        (self.into(), clock)
    }
}

#[diagnostic::do_not_recommend]
impl<A: Actor + 'static> IntoNode<WithClock> for Clocked<A> {
    type Actor = A;
    type Dispatcher = <A as Ports>::Dispatcher;
    type Clock = OwnClock;

    fn hosting() -> Option<Hosting<A>> {
        A::hosting()
    }

    fn into_parts(self) -> (A, Option<AnyClock>) {
        (self.actor, Some(self.clock))
    }
}

/// Implemented by nothing.
#[doc(hidden)]
pub trait Nothing {}

// Where a second impl might fit, rustc looks whether the first does before it takes it: what is no
// actor is then refused once, here, and not wherever it is used after.
#[diagnostic::do_not_recommend]
impl<A: Nothing> IntoNode<()> for A {
    type Actor = ();
    type Dispatcher = ();
    type Clock = ();

    fn into_parts(self) -> ((), Option<AnyClock>) {
        ((), None)
    }
}
