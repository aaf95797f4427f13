//! The pieces that `pipeline!` puts together: nodes, the rings between them, and stages.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::Pipeline;
use super::branch::Branch;
use super::runner::Runner;
use crate::actor::{
    Actor, At, FromInputs, Hosting, Input, IntoNode, NoClock, Nothing, OwnClock, Ports, Stats,
    TickNumber,
};
use crate::clock::{AnyClock, Clock};
#[cfg(feature = "gpu")]
use crate::dispatch::Or;
use crate::dispatch::{Placement, Takes};
#[cfg(feature = "gpu")]
use crate::gpu::OnProcessor;
use crate::{Error, Result};

/// A clock that a graph has given a name.
pub struct NamedClock {
    name: &'static str,
    clock: AnyClock,
}

/// Names a clock of the graph.
pub fn clock<C: Clock>(name: &'static str, clock: C) -> NamedClock {
    NamedClock {
        name,
        clock: AnyClock::new(clock),
    }
}

/// An actor in a graph that is being wired: where it runs (`D`) and what ticks it (`C`) are part of
/// its type.
pub struct Node<A, D, C> {
    /// The actor, whose ports are wired by name.
    pub actor: A,
    /// Its type, to be named where an edge is refused.
    pub kind: PhantomData<A>,
    pub(super) name: &'static str,
    clock: Option<(String, AnyClock)>,
    now: Option<TickNumber>,
    /// How the actor gets where it runs, if that is elsewhere.
    hosting: Option<Hosting<A>>,
    place: PhantomData<(D, C)>,
}

/// Puts an actor into a graph.
pub fn node<E: IntoNode<K>, K>(
    name: &'static str,
    node: E,
) -> Node<E::Actor, E::Dispatcher, E::Clock> {
    let hosting = E::hosting();
    let (actor, clock) = node.into_parts();
    let clock = clock.map(|clock| (clock.name().to_owned(), clock));
    Node {
        actor,
        kind: PhantomData,
        name,
        clock,
        now: None,
        hosting,
        place: PhantomData,
    }
}

/// `on dispatcher`.
pub fn place<A, D: Placeable<A, K>, C, P: Takes<A>, K>(
    node: Node<A, D, C>,
    place: P,
) -> Node<A, D::On<P>, C> {
    Node {
        actor: node.actor,
        kind: PhantomData,
        name: node.name,
        clock: node.clock,
        now: node.now,
        hosting: place.hosting(),
        place: PhantomData,
    }
}

/// `on gpu.or(dispatcher)`: where there is no card, the actor works on the processor.
#[cfg(feature = "gpu")]
pub fn place_or<A: OnProcessor, D: Placeable<A, K>, C, P, Q: Placement, K>(
    node: Node<A, D, C>,
    _place: P,
    _other: Q,
) -> Node<A, D::On<Or<Q>>, C> {
    Node {
        actor: node.actor,
        kind: PhantomData,
        name: node.name,
        clock: node.clock,
        now: node.now,
        hosting: None,
        place: PhantomData,
    }
}

/// The same where there is no `gpu`: refused as `on gpu` is.
#[cfg(not(feature = "gpu"))]
pub fn place_or<A, D: Placeable<A, K>, C, P: Takes<A>, Q: Placement, K>(
    node: Node<A, D, C>,
    place: P,
    _other: Q,
) -> Node<A, D::On<P>, C> {
    self::place(node, place)
}

/// `@ clock`.
pub fn bind<A, D: Placeable<A, K>, C, K>(
    node: Node<A, D, C>,
    clock: &NamedClock,
) -> Node<A, D::On<D>, D::On<At>> {
    Node {
        actor: node.actor,
        kind: PhantomData,
        name: node.name,
        clock: Some((clock.name.to_owned(), clock.clock.clone())),
        now: node.now,
        hosting: node.hosting,
        place: PhantomData,
    }
}

impl<A: Ports, D, C> fmt::Debug for Node<A, D, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, A::INFO.name)
    }
}

/// `A` is an actor, which runs somewhere on some clock; a graph in a graph has several.
#[diagnostic::on_unimplemented(
    message = "`{A}` is a graph: it has no clock and no dispatcher of its own",
    label = "`@` and `on` are said of its actors",
    note = "hand a clock in, `graph {A}(clock: SoftwareClock);`, and write `@` and `on` after the actors inside"
)]
pub trait Placeable<A, Kind> {
    /// `P`: so that what cannot be placed fails here, and not again wherever it is used.
    type On<P>;
}

/// How an actor is placed.
#[derive(Debug)]
pub struct AsActor;

#[diagnostic::do_not_recommend]
impl<A, D: Placement> Placeable<A, AsActor> for D {
    type On<P> = P;
}

// As with `IntoNode`: where a second impl might fit, rustc looks first whether the other does.
#[diagnostic::do_not_recommend]
impl<A, D: Nothing> Placeable<A, ()> for D {
    type On<P> = ();
}

/// The inputs of a node, as a type, none connected.
pub fn unwired<A: Ports, D, C>(_node: &Node<A, D, C>) -> A::Unwired {
    A::unwired()
}

/// A required input that is not connected, in the type of a node's inputs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Open;

/// A required input that is connected.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fed;

/// An end without a port's name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bare;

/// All required inputs of a node are connected.
#[diagnostic::on_unimplemented(message = "an input is not connected")]
pub trait Complete {}

/// Compiles once all required inputs are connected.
pub fn complete<S: Complete>(_state: S) {}

/// The actor has a single input, which a bare end stands for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no input",
    label = "nothing can be sent to it",
    note = "an input is a field `#[input] name: Input<…>`, or a parameter `#[input] name: &…` of a function"
)]
pub trait SoleInput<Which = Bare> {
    /// The input.
    type Port;
    /// The input.
    fn sole_input(&mut self) -> &mut Self::Port;
}

/// The actor has a single output, which a bare end stands for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no output",
    label = "it sends nothing",
    note = "an output is a field `#[output] name: Output<…>`, or what a function returns"
)]
pub trait SoleOutput<Which = Bare> {
    /// The output.
    type Port;
    /// The output.
    fn sole_output(&mut self) -> &mut Self::Port;
}

/// The type of a node's inputs after its single one was connected.
pub trait FeedSole<Which = Bare> {
    /// The inputs, of which it is connected.
    type Fed;
    /// The inputs, of which it is connected.
    fn feed_sole(self) -> Self::Fed;
}

/// The single output of an actor.
pub fn sole_output<A: SoleOutput>(actor: &mut A) -> &mut A::Port {
    actor.sole_output()
}

/// The single input of an actor.
pub fn sole_input<A: SoleInput>(actor: &mut A) -> &mut A::Port {
    actor.sole_input()
}

/// `state`, as it is.
pub fn same<S>(state: S) -> S {
    state
}

/// Notes that a node's single input is connected.
pub fn feed_sole<S: FeedSole>(state: S) -> S::Fed {
    state.feed_sole()
}

/// What ticks the actor `A`: a clock, or an input that must be connected.
#[diagnostic::on_unimplemented(
    message = "`{A}` has no clock",
    label = "nothing ticks `{A}`",
    note = "write `@ clock` after it, or give it a rate: `.fps(60)`"
)]
pub trait Ticks<A> {}

#[diagnostic::do_not_recommend]
impl<A> Ticks<A> for OwnClock {}
#[diagnostic::do_not_recommend]
impl<A> Ticks<A> for FromInputs {}
#[diagnostic::do_not_recommend]
impl<A> Ticks<A> for At {}

/// Compiles if something ticks the node.
pub fn has_clock<A, D, C: Ticks<A>>(_node: &Node<A, D, C>) {}

/// What ticks the actor `A`, which only delayed connections feed: a clock.
#[diagnostic::on_unimplemented(
    message = "`{A}` has no clock",
    label = "only a delayed connection feeds `{A}`, which brings no ticks",
    note = "write `@ clock` after it, or give it a rate: `.fps(60)`"
)]
pub trait TicksItself<A> {}

#[diagnostic::do_not_recommend]
impl<A> TicksItself<A> for OwnClock {}
#[diagnostic::do_not_recommend]
impl<A> TicksItself<A> for At {}

/// Compiles if the node has a clock of its own.
pub fn ticks_itself<A, D, C: TicksItself<A>>(_node: &Node<A, D, C>) {}

/// The actor `A`, in which two clocks meet, says which of them ticks it. `Port` is the input at which
/// they meet, if they do at a single one; of an `Input`, being fed twice is what is wrong then.
#[diagnostic::on_unimplemented(
    message = "two clocks meet in `{A}`",
    label = "its inputs are ticked by different clocks",
    note = "say which clock ticks it: write `@ clock` after it"
)]
pub trait Settles<A, Port> {}

#[diagnostic::do_not_recommend]
impl<A, Port> Settles<A, Port> for OwnClock {}
#[diagnostic::do_not_recommend]
impl<A, Port> Settles<A, Port> for At {}
#[diagnostic::do_not_recommend]
impl<A, T> Settles<A, Input<T>> for NoClock {}
#[diagnostic::do_not_recommend]
impl<A, T> Settles<A, Input<T>> for FromInputs {}

/// What is known of where a node's ticks come from, by its type.
pub trait Ticking {
    /// `Port`; an input at which nothing meets where it has no clock, which is told of itself.
    type Meets<Port>;
}

impl Ticking for OwnClock {
    type Meets<Port> = Port;
}

impl Ticking for At {
    type Meets<Port> = Port;
}

impl Ticking for NoClock {
    type Meets<Port> = Input<()>;
}

impl Ticking for FromInputs {
    type Meets<Port> = Input<()>;
}

/// The port at which a node's clock meets others, if it has one.
pub fn meets<A, D, C: Ticking, Port>(
    _node: &Node<A, D, C>,
    _port: PhantomData<Port>,
) -> PhantomData<C::Meets<Port>> {
    PhantomData
}

/// The type of a port.
pub fn kind<Port>(_port: &mut Port) -> PhantomData<Port> {
    PhantomData
}

/// A node whose ports are wired, with the stages that were compiled into it.
pub struct Stage<A, F, D, C> {
    pub(super) branch: Branch<(), A, F>,
    pub(super) clock: Option<(String, AnyClock)>,
    pub(super) place: PhantomData<(D, C)>,
}

/// `A` is an actor, whose inputs may be delayed.
#[diagnostic::on_unimplemented(
    message = "`delay` leads into the graph `{Self}`",
    label = "a delay is counted by the actor that reads late",
    note = "write the `delay` inside `{Self}`, before the actor that it is for"
)]
pub trait Counts {}

#[diagnostic::do_not_recommend]
impl<A: Actor + 'static> Counts for A {}

/// The number of the tick that a node works on, for its delayed inputs.
pub fn ticks<A: Counts, D, C>(node: &mut Node<A, D, C>) -> TickNumber {
    node.now.get_or_insert_default().clone()
}

/// A node whose ports are wired, to be put into a task.
pub trait IntoStage {
    /// An actor with a type of its own, or a graph that is put together already.
    type Stage;
    /// Its stage.
    fn into_stage(self) -> Self::Stage;
}

#[diagnostic::do_not_recommend]
impl<A: Actor + 'static, D: Placement, C> IntoStage for Node<A, D, C> {
    type Stage = Stage<D::Host<A>, (), D, C>;

    fn into_stage(self) -> Self::Stage {
        let stats = Arc::new(Stats::new(self.name.to_owned(), A::INFO.name, D::WORD));
        let actor = D::host(self.actor, self.hosting, &stats);
        let mut runner = Runner::new(actor, stats);
        runner.counts(self.now);
        Stage {
            branch: Branch::head(runner),
            clock: self.clock,
            place: PhantomData,
        }
    }
}

/// Makes a wired node a stage.
pub fn stage<N: IntoStage>(node: N) -> N::Stage {
    node.into_stage()
}

/// What `pipeline!` becomes after an error that has been told: nothing else turns red.
pub fn stub() -> Result<Pipeline> {
    Err(Error::graph("this graph does not compile"))
}
