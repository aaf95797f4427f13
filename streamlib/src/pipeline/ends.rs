//! What stands on the sides of `>>`, by type: outputs, inputs, and the open ends of graphs.

use super::open::{GraphInput, GraphOutput, OpenInput, OpenOutput};
use super::port_names::{Ends, Named, Names};
use crate::actor::{Accept, Delayed, Input, Inputs, Output, TickNumber};
use crate::message::Message;
use std::marker::PhantomData;

/// What a port's name behind that of a node `Actor` means.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a port of `{Actor}`",
    label = "what stands beside `>>` is a port, and this field is none",
    note = "a port is marked `#[input]` or `#[output]`"
)]
pub trait PortOf<Actor> {
    /// Itself: so that what is no port fails here, and is not asked for its direction as well.
    type Itself;
    /// `S`: so that what is no port fails here, and not again wherever its name is used.
    type Through<S>;
    /// Itself.
    fn itself(&mut self) -> &mut Self::Itself;
    /// `state`, as it is.
    fn through<S>(&self, state: S) -> Self::Through<S>;
}

macro_rules! port {
    ($port:ident) => {
        #[diagnostic::do_not_recommend]
        impl<T, Actor> PortOf<Actor> for $port<T> {
            type Itself = Self;
            type Through<S> = S;

            fn itself(&mut self) -> &mut Self {
                self
            }

            fn through<S>(&self, state: S) -> S {
                state
            }
        }
    };
}

/// What stands left of `>>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an output",
    label = "what stands left of `>>` is an output"
)]
pub trait OutputPort {
    /// What it sends.
    type Item;
    /// The left end of edges from it.
    fn source(&mut self) -> Source<'_, Self::Item>;
}

/// An output, `Port`, of `Actor`, whose outputs are `Ports`: an [`OutputPort`], of which more is known where it is refused.
#[diagnostic::on_unimplemented(
    message = "`{Port}` of `{Actor}` is an input, and what stands left of `>>` is an output",
    label = "it receives, and what stands here sends",
    note = "the outputs of `{Actor}`: `{Ports}`"
)]
pub trait OutputOf<Actor, Port, Ports>: OutputPort {}

macro_rules! output_port {
    ($port:ident) => {
        port!($port);

        #[diagnostic::do_not_recommend]
        impl<T> OutputPort for $port<T> {
            type Item = T;

            fn source(&mut self) -> Source<'_, T> {
                Source::$port(self)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T, Actor, Port, Ports> OutputOf<Actor, Port, Ports> for $port<T> {}
    };
}

output_port!(Output);
output_port!(GraphOutput);
output_port!(OpenInput);

/// What stands right of `>>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an input",
    label = "what stands right of `>>` is an input"
)]
pub trait InputPort {
    /// What it takes.
    type Item;
    /// `S`: so that what is no input fails here, and not again wherever its state is used.
    type Through<S>;
    /// The right end of an edge to it.
    fn sink(&mut self) -> Sink<'_, Self::Item>;
    /// `state`, as it is.
    fn through<S>(state: S) -> Self::Through<S>;
}

/// An input, `Port`, of `Actor`, whose inputs are `Ports`: an [`InputPort`], of which more is known where it is refused.
#[diagnostic::on_unimplemented(
    message = "`{Port}` of `{Actor}` is an output, and what stands right of `>>` is an input",
    label = "it sends, and what stands here receives",
    note = "the inputs of `{Actor}`: `{Ports}`"
)]
pub trait InputOf<Actor, Port, Ports>: InputPort {}

macro_rules! input_port {
    ($port:ident, $end:ident) => {
        port!($port);

        #[diagnostic::do_not_recommend]
        impl<T> InputPort for $port<T> {
            type Item = T;
            type Through<S> = S;

            fn sink(&mut self) -> Sink<'_, T> {
                Sink {
                    end: End::$end(self),
                    delay: None,
                }
            }

            fn through<S>(state: S) -> S {
                state
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T, Actor, Port, Ports> InputOf<Actor, Port, Ports> for $port<T> {}
    };
}

input_port!(Input, Input);
input_port!(Inputs, Input);
input_port!(GraphInput, Graph);
input_port!(OpenOutput, Out);

/// What an output sends is what an input takes.
#[diagnostic::on_unimplemented(
    message = "`{From}` sends `{Self}`, and `{To}` takes `{Wanted}`",
    label = "output `{Output}` sends `{Self}`, input `{Input}` takes `{Wanted}`",
    note = "put an actor between them that turns `{Self}` into `{Wanted}`"
)]
#[cfg_attr(
    feature = "gpu",
    diagnostic::on_unimplemented(
        note = "`Download` turns a `GpuFrame` into a `VideoFrame`, and `Upload` a `VideoFrame` into a `GpuFrame`"
    )
)]
pub trait Fits<Wanted, From, Output, To, Input>: Sized {
    /// The same input.
    fn fit(input: Sink<'_, Wanted>) -> Sink<'_, Self>;
}

// The only one there is: through it the payload of a generic actor is inferred.
impl<T, From, Output, To, Input> Fits<T, From, Output, To, Input> for T {
    fn fit(input: Sink<'_, T>) -> Sink<'_, T> {
        input
    }
}

/// The left end of edges.
pub enum Source<'a, T> {
    /// Of an actor of this graph.
    Output(&'a mut Output<T>),
    /// Of a graph in this one.
    GraphOutput(&'a mut GraphOutput<T>),
    /// What comes into this graph.
    OpenInput(&'a mut OpenInput<T>),
}

/// The right end of an edge.
pub struct Sink<'a, T> {
    pub(super) end: End<'a, T>,
    pub(super) delay: Option<Delayed<T>>,
}

pub(super) enum End<'a, T> {
    /// Of an actor of this graph.
    Input(&'a mut dyn Accept<T>),
    /// Of a graph in this one.
    Graph(&'a mut GraphInput<T>),
    /// What leaves this graph.
    Out(&'a mut OpenOutput<T>),
}

type InputsOf<Actor> = <<Actor as Named>::Names as Names>::Inputs;
type OutputsOf<Actor> = <<Actor as Named>::Names as Names>::Outputs;

/// The left end of edges, of which `_between` is one.
pub fn output<'a, T, O: PortOf<B::From>, B: Ends<From: Named>>(
    _between: B,
    output: &'a mut O,
) -> Source<'a, T>
where
    O::Itself: OutputOf<B::From, B::Output, OutputsOf<B::From>, Item = T> + 'a,
{
    output.itself().source()
}

/// The right end of an edge.
pub fn input<'a, T, I: PortOf<B::To>, U: 'a, B: Ends<To: Named>>(
    _between: B,
    input: &'a mut I,
) -> Sink<'a, T>
where
    I::Itself: InputOf<B::To, B::Input, InputsOf<B::To>, Item = U> + 'a,
    T: Fits<U, B::From, B::Output, B::To, B::Input> + 'a,
{
    T::fit(input.itself().sink())
}

/// The right end of an edge that is number `rank` among those of its input, which is not when it is connected.
pub fn ranked<T>(mut sink: Sink<'_, T>, rank: usize) -> Sink<'_, T> {
    if let End::Input(input) = &mut sink.end {
        input.rank(rank);
    }
    sink
}

/// What can be kept for some ticks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be delayed",
    label = "`delay` keeps what passes by cloning it, and `{Self}` is not `Clone`",
    note = "write `#[derive(Clone)]` above `{Self}`"
)]
pub trait Keeps: Message + Clone {}

#[diagnostic::do_not_recommend]
impl<T: Message + Clone> Keeps for T {}

/// The right end of an edge that takes `ticks` ticks.
pub fn delayed<T: Keeps>(mut sink: Sink<'_, T>, ticks: usize, now: TickNumber) -> Sink<'_, T> {
    sink.delay = Some(Delayed::new(ticks, now));
    sink
}

/// An input that is wired in the same call as its actor's own output, and so has to be held elsewhere.
pub fn later<T>(sink: Sink<'_, T>) -> GraphInput<T> {
    GraphInput {
        inputs: match sink.end {
            End::Input(input) => vec![input.later(sink.delay)],
            End::Graph(graph) => graph.take(),
            End::Out(_) => Vec::new(),
        },
    }
}

/// `state`, once `port` is known to be a port.
pub fn through<A, P: PortOf<A>, S>(_node: PhantomData<A>, port: &P, state: S) -> P::Through<S> {
    port.through(state)
}

/// `state`, once `port` is known to be an input.
pub fn through_input<A, P, S>(
    _node: PhantomData<A>,
    _port: &P,
    state: S,
) -> <P::Itself as InputPort>::Through<S>
where
    P: PortOf<A>,
    P::Itself: InputPort,
{
    P::Itself::through(state)
}
