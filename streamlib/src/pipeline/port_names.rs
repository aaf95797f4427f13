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
pub type Between<From, Output, To, Input> = PhantomData<(From, Output, To, Input)>;

/// Names the ends of an edge.
pub fn between<From, Output, To, Input>(
    _from: PhantomData<From>,
    _output: PhantomData<Output>,
    _to: PhantomData<To>,
    _input: PhantomData<Input>,
) -> Between<From, Output, To, Input> {
    PhantomData
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
