//! Which way an edge goes, by type: told before all else of an edge, and then nothing else of it is told.
//!
//! The name of a port says what the port does, and `Side` what that means beside `>>`. Where it is not right, there is no
//! [`Between`], and what would be asked with that is not asked.

use super::port_names::{Between, Named, Names};

/// The name of a port. Written by the macros.
pub trait PortName {
    /// What the port does: one of the types below.
    type Side;
}

macro_rules! sides {
    ($($(#[$doc:meta])* $side:ident,)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $side;
        )*
    };
}

sides! {
    /// An output.
    Sends,
    /// An output of what has no inputs.
    OnlySends,
    /// An input.
    Receives,
    /// An input of what has no outputs.
    OnlyReceives,
    /// What stands for the only output of a node that has none, and has inputs.
    NoOutput,
    /// What stands for the only input of a node that has none, and has outputs.
    NoInput,
    /// What stands for one of several, which is told.
    Unknown,
}

// An end without a port's name, of a node that has several ports there, or no ports at all.
impl PortName for () {
    type Side = Unknown;
}

impl PortName for NoOutput {
    type Side = Self;
}

impl PortName for NoInput {
    type Side = Self;
}

/// Of the two ends, one at least is right.
#[diagnostic::on_unimplemented(
    message = "`{From}` receives here, and `{To}` sends: turn the edge round",
    label = "what sends stands left of `>>`, and what receives stands right of it"
)]
pub trait Forward<Right, From, To> {
    /// `S`: so that an edge that has to be turned round fails here, and its ends are not asked.
    type Through<S>;
    /// `state`, as it is.
    fn through<S>(state: S) -> Self::Through<S>;
}

/// The port may stand left of `>>`, or there is one that may.
#[diagnostic::on_unimplemented(
    message = "`{Port}` of `{Actor}` is an input, and what stands left of `>>` is an output",
    label = "it receives, and what stands here sends",
    note = "`{Actor}` has no outputs"
)]
pub trait HasOutputs<Actor, Port> {
    /// Itself: so that it is told once.
    type Side;
}

/// The port, an output, may stand left of `>>`.
#[diagnostic::on_unimplemented(
    message = "`{Port}` of `{Actor}` is an input, and what stands left of `>>` is an output",
    label = "it receives, and what stands here sends",
    note = "the outputs of `{Actor}`: `{Ports}`"
)]
pub trait Leaves<Actor, Port, Ports> {
    /// `S`: so that what is wrong fails here, and not again.
    type Through<S>;
    /// `state`, as it is.
    fn through<S>(state: S) -> Self::Through<S>;
}

/// The port may stand right of `>>`, or there is one that may.
#[diagnostic::on_unimplemented(
    message = "`{Port}` of `{Actor}` is an output, and what stands right of `>>` is an input",
    label = "it sends, and what stands here receives",
    note = "`{Actor}` has no inputs"
)]
pub trait HasInputs<Actor, Port> {
    /// Itself: so that it is told once.
    type Side;
}

/// The port, an input, may stand right of `>>`.
#[diagnostic::on_unimplemented(
    message = "`{Port}` of `{Actor}` is an output, and what stands right of `>>` is an input",
    label = "it sends, and what stands here receives",
    note = "the inputs of `{Actor}`: `{Ports}`"
)]
pub trait Arrives<Actor, Port, Ports> {
    /// `S`: so that what is wrong fails here, and not again.
    type Through<S>;
    /// `state`, as it is.
    fn through<S>(state: S) -> Self::Through<S>;
}

macro_rules! forward {
    ($([$($any:ident)?] $left:ty => $right:ty,)*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<$($any,)? From, To> Forward<$right, From, To> for $left {
                type Through<S> = S;

                fn through<S>(state: S) -> S {
                    state
                }
            }
        )*
    };
}

macro_rules! right_ones {
    ($($has:ident, $goes:ident: $only:ident, $right:ident, $none:ident, $wrong:ident;)*) => {
        $(
            right_ones!($has, $goes: $only);
            right_ones!($has, $goes: $right);
            right_ones!($has, $goes: $none);
            right_ones!($has, $goes: Unknown);

            #[diagnostic::do_not_recommend]
            impl<Actor, Port> $has<Actor, Port> for $wrong {
                type Side = Self;
            }
        )*
    };
    ($has:ident, $goes:ident: $side:ident) => {
        #[diagnostic::do_not_recommend]
        impl<Actor, Port> $has<Actor, Port> for $side {
            type Side = Self;
        }

        #[diagnostic::do_not_recommend]
        impl<Actor, Port, Ports> $goes<Actor, Port, Ports> for $side {
            type Through<S> = S;

            fn through<S>(state: S) -> S {
                state
            }
        }
    };
}

forward! {
    // What sends, or is told as it is, goes to whatever there is.
    [Right] Sends => Right,
    [Right] OnlySends => Right,
    [Right] Unknown => Right,
    [] Receives => Receives,
    [] Receives => OnlyReceives,
    [] Receives => Unknown,
    [] OnlyReceives => Receives,
    [] OnlyReceives => OnlyReceives,
    [] OnlyReceives => Unknown,
    [] NoOutput => Receives,
    [] NoOutput => OnlyReceives,
    [] NoOutput => Unknown,
}
right_ones! {
    HasOutputs, Leaves: OnlySends, Sends, NoOutput, Receives;
    HasInputs, Arrives: OnlyReceives, Receives, NoInput, Sends;
}

type Side<Port> = <Port as PortName>::Side;
type Outputs<Actor> = <<Actor as Named>::Names as Names>::Outputs;
type Inputs<Actor> = <<Actor as Named>::Names as Names>::Inputs;

/// What is an edge only if it need not be turned round, if it leaves an output, and if it arrives at an input.
type Turned<From, Output, To, Input> =
    <Side<Output> as Forward<Side<Input>, From, To>>::Through<Between<From, Output, To, Input>>;
type Left<From, Output, Edge> = <<Side<Output> as HasOutputs<From, Output>>::Side as Leaves<
    From,
    Output,
    Outputs<From>,
>>::Through<Edge>;
type Arrived<To, Input, Edge> =
    <<Side<Input> as HasInputs<To, Input>>::Side as Arrives<To, Input, Inputs<To>>>::Through<Edge>;

/// An edge that need not be turned round.
pub fn forward<From, Output: PortName, To, Input: PortName>(
    between: Between<From, Output, To, Input>,
) -> Turned<From, Output, To, Input>
where
    Side<Output>: Forward<Side<Input>, From, To>,
{
    <Side<Output> as Forward<Side<Input>, From, To>>::through(between)
}

/// An edge that leaves an output.
pub fn leaves<From: Named, Output: PortName, To, Input>(
    between: Between<From, Output, To, Input>,
) -> Left<From, Output, Between<From, Output, To, Input>>
where
    Side<Output>: HasOutputs<From, Output>,
    <Side<Output> as HasOutputs<From, Output>>::Side: Leaves<From, Output, Outputs<From>>,
{
    <<Side<Output> as HasOutputs<From, Output>>::Side as Leaves<_, _, _>>::through(between)
}

/// An edge that arrives at an input.
pub fn arrives<From, Output, To: Named, Input: PortName>(
    between: Between<From, Output, To, Input>,
) -> Arrived<To, Input, Between<From, Output, To, Input>>
where
    Side<Input>: HasInputs<To, Input>,
    <Side<Input> as HasInputs<To, Input>>::Side: Arrives<To, Input, Inputs<To>>,
{
    <<Side<Input> as HasInputs<To, Input>>::Side as Arrives<_, _, _>>::through(between)
}
