//! From the ends of the edges to rings: one ring an output, with a reader for each input.

use super::node::Edge;
use crate::actor::{Accept, Input, Inputs, Output};
use crate::message::Message;

/// What stands left of `>>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an output",
    label = "what stands left of `>>` is an output"
)]
pub trait OutputPort {
    /// What it sends.
    type Item: Message;
    /// The output itself.
    fn port(&mut self) -> &mut Output<Self::Item>;
}

#[diagnostic::do_not_recommend]
impl<T: Message> OutputPort for Output<T> {
    type Item = T;

    fn port(&mut self) -> &mut Output<T> {
        self
    }
}

/// What stands right of `>>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an input",
    label = "what stands right of `>>` is an input"
)]
pub trait InputPort {
    /// What it takes.
    type Item: Message;
    /// `S`: so that what is no input fails here, and not again wherever its state is used.
    type Through<S>;
    /// The input itself.
    fn port(&mut self) -> &mut dyn Accept<Self::Item>;
    /// `state`, as it is.
    fn through<S>(&self, state: S) -> Self::Through<S>;
}

macro_rules! input_port {
    ($port:ident) => {
        #[diagnostic::do_not_recommend]
        impl<T: Message> InputPort for $port<T> {
            type Item = T;
            type Through<S> = S;

            fn port(&mut self) -> &mut dyn Accept<T> {
                self
            }

            fn through<S>(&self, state: S) -> S {
                state
            }
        }
    };
}

input_port!(Input);
input_port!(Inputs);

/// What an output sends is what an input takes.
#[diagnostic::on_unimplemented(
    message = "an output of `{Self}` cannot feed an input of `{Wanted}`",
    label = "sends `{Self}`, takes `{Wanted}`",
    note = "put an actor between them that turns `{Self}` into `{Wanted}`"
)]
pub trait Fits<Wanted>: Sized {
    /// The same input.
    fn fit(input: &mut dyn Accept<Wanted>) -> &mut dyn Accept<Self>;
}

// The only one there is: through it the payload of a generic actor is inferred.
impl<T: Message> Fits<T> for T {
    fn fit(input: &mut dyn Accept<T>) -> &mut dyn Accept<T> {
        input
    }
}

/// The left end of edges.
pub struct Source<'a, T: Message>(&'a mut Output<T>);

/// The right end of an edge.
pub struct Sink<'a, T>(&'a mut dyn Accept<T>);

/// The left end of edges.
pub fn output<O: OutputPort>(output: &mut O) -> Source<'_, O::Item> {
    Source(output.port())
}

/// The right end of an edge.
pub fn input<'a, T, I, U: 'a>(input: &'a mut I) -> Sink<'a, T>
where
    I: InputPort<Item = U>,
    T: Fits<U> + 'a,
{
    Sink(T::fit(input.port()))
}

/// Gives `output` a ring with a reader for each of `inputs`.
pub fn connect<T: Message, const N: usize>(
    output: Source<'_, T>,
    inputs: [Sink<'_, T>; N],
) -> [Edge; N] {
    let policies = std::array::from_fn(|index| match inputs.get(index) {
        Some(input) => (input.0.info().policy, input.0.info().slots),
        None => unreachable!("both arrays have N items"),
    });
    let mut wires = output.0.ring::<N>(policies).into_iter();
    inputs.map(|input| match wires.next() {
        Some(wire) => {
            let edge = Edge {
                from: wire.from,
                to: input.0.info(),
            };
            input.0.accept(wire);
            edge
        }
        None => unreachable!("both arrays have N items"),
    })
}

/// `state`, once `input` is known to be an input.
pub fn through<I: InputPort, S>(input: &I, state: S) -> I::Through<S> {
    input.through(state)
}
