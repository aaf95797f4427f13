//! The names of ports as types, which the compiler prints where an edge is refused: `Luma::Port::video`.

use std::marker::PhantomData;

/// What has ports with names. Written by the macros.
pub trait Named {
    /// A type with a method for each port, which leads to the port's name.
    type Names: Names;
    /// The names.
    const NAMES: Self::Names;
}

// What an end stands for that is no part of this graph, which has been told.
impl Named for () {
    type Names = ();
    const NAMES: () = ();
}

/// The names of all ports, and those that an end without a port's name stands for.
pub trait Names {
    /// The names of the inputs.
    type Inputs;
    /// The names of the outputs.
    type Outputs;
    /// The name of the only input, where there is one.
    type SoleInput;
    /// The name of the only output, where there is one.
    type SoleOutput;
}

impl Names for () {
    type Inputs = ();
    type Outputs = ();
    type SoleInput = ();
    type SoleOutput = ();
}

/// The ends of an edge, to be named where it is refused: which port of which node, and which port of which other.
pub struct Between<From, Output, To, Input>(PhantomData<(From, Output, To, Input)>);

/// The ends of an edge as one type.
pub trait Ends {
    /// What it leaves.
    type From;
    /// The name of the output.
    type Output;
    /// Where it arrives.
    type To;
    /// The name of the input.
    type Input;
}

#[diagnostic::do_not_recommend]
impl<From, Output, To, Input> Ends for Between<From, Output, To, Input> {
    type From = From;
    type Output = Output;
    type To = To;
    type Input = Input;
}

/// What stands for the ends of no edge.
pub const NO_EDGE: Between<(), (), (), ()> = Between(PhantomData);

impl<From, Output, To, Input> Default for Between<From, Output, To, Input> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<From, Output, To, Input> Clone for Between<From, Output, To, Input> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<From, Output, To, Input> Copy for Between<From, Output, To, Input> {}

// Methods, and not functions, so that nothing is asked of the ends of an edge that has been refused.
impl<From, Output, To, Input> Between<From, Output, To, Input> {
    /// Itself: what is none, since it has been refused, goes no further than this.
    #[must_use]
    pub fn told(self) -> Self {
        self
    }

    /// `state`, as it is, of which nothing is asked where the edge has been refused.
    pub fn keep<S>(self, state: S) -> S {
        state
    }
}

/// Names the ends of an edge of which one is an open end.
pub fn between<From, Output, To, Input>(
    _from: PhantomData<From>,
    _output: PhantomData<Output>,
    _to: PhantomData<To>,
    _input: PhantomData<Input>,
) -> Between<From, Output, To, Input> {
    Between(PhantomData)
}

/// The names of the ports of a node.
pub fn names<A: Named>(_node: PhantomData<A>) -> A::Names {
    A::NAMES
}

/// The name of the only input of a node.
pub fn sole_input_name<A: Named>(
    _node: PhantomData<A>,
) -> PhantomData<<A::Names as Names>::SoleInput> {
    PhantomData
}

/// The name of the only output of a node.
pub fn sole_output_name<A: Named>(
    _node: PhantomData<A>,
) -> PhantomData<<A::Names as Names>::SoleOutput> {
    PhantomData
}
