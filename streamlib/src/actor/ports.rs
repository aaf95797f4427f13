//! What `#[actor]` writes about a struct: its ports, by type and constant.

use std::fmt;
use std::time::Duration;

use super::{ActorHandle, Hosting, Input, Inputs, Output};
use crate::clock::AnyClock;
use crate::ring::Policy;

/// What is fixed about an actor when it is compiled.
#[derive(Debug)]
pub struct ActorInfo {
    /// The struct's name.
    pub name: &'static str,
    /// The struct's documentation.
    pub doc: &'static str,
    /// Its inputs, as typed.
    pub inputs: &'static [PortInfo],
    /// Its outputs, as typed.
    pub outputs: &'static [PortInfo],
    /// What happens after an error or a panic in `process`.
    pub on_error: OnError,
    /// After how many ticks a `process` that has not returned is said to be stalled; 0 for two seconds.
    pub deadline: u32,
}

/// What is fixed about a port when it is compiled.
#[derive(Debug)]
pub struct PortInfo {
    /// The field's name.
    pub name: &'static str,
    /// Its place among the inputs, or among the outputs.
    pub index: usize,
    /// The name of what flows through it.
    pub payload: &'static str,
    /// The field's documentation.
    pub doc: &'static str,
    /// Whether a graph must connect it.
    pub required: bool,
    /// How an input reads.
    pub policy: Policy,
    /// How many slots an input wants its ring to have at least; 0 for as many as it needs.
    pub slots: usize,
}

/// What happens after an error or a panic in `process`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// The tick is skipped, and the next one comes as if nothing had happened.
    #[default]
    Skip,
    /// The actor is closed and opened again (`on_stop`, `on_start`), with its ports and its
    /// configuration as they are, and misses only its own ticks.
    Restart(Restart),
    /// The actor stops, and what hangs on it ends; the rest of the graph goes on.
    Stop,
    /// The actor stops, and the whole graph with it.
    StopAll,
}

/// How often an actor is closed and opened again, and how long it rests before: the fields of
/// `on_error = restart { max: 5, within: Duration::from_secs(10), backoff: Duration::from_millis(100) }`.
///
/// Time is that of the actor's ticks, so that it passes as fast under a virtual clock as that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    /// After more restarts than this `within` that time, the actor stops.
    pub max: u32,
    /// The time in which restarts are counted.
    pub within: Duration,
    /// The rest before the first restart. It doubles with every failure in a row, up to 128 times as
    /// long. Zero, as it is without an argument: the restart is on the 2nd, 4th, 8th … 256th tick after the failure.
    pub backoff: Duration,
}

impl Restart {
    /// Restarts for ever, on the 2nd, 4th, 8th … 256th tick after the failure.
    pub const ALWAYS: Self = Self {
        max: u32::MAX,
        within: Duration::from_secs(60),
        backoff: Duration::ZERO,
    };
}

impl Default for Restart {
    fn default() -> Self {
        Self::ALWAYS
    }
}

impl fmt::Display for OnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skip => f.write_str("skip"),
            Self::Restart(Restart::ALWAYS) => f.write_str("restart"),
            Self::Restart(Restart {
                max,
                within,
                backoff,
            }) => write!(
                f,
                "restart {{ max: {max}, within: {within:?}, backoff: {backoff:?} }}"
            ),
            Self::Stop => f.write_str("stop"),
            Self::StopAll => f.write_str("stop_all"),
        }
    }
}

/// The ports of an actor. Written by `#[actor]`, never by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an actor",
    label = "not marked `#[actor]`",
    note = "write `#[actor]` above `struct {Self}`"
)]
pub trait Ports: Sized {
    /// The actor's names and policies.
    const INFO: ActorInfo;
    /// The actor itself. (What is no actor has none, and so fails once instead of at every use.)
    type Itself: From<Self>;
    /// Where it runs unless the graph says `on …`.
    type Dispatcher;
    /// What ticks it: a clock of its own, or what feeds it.
    type Clock;
    /// Its required inputs as a type, all unconnected.
    type Unwired;
    /// Its ports for wiring at run time.
    type Handle;

    /// The clock that `#[actor(clock = …)]` gives it.
    fn own_clock(&self) -> Option<AnyClock>;
    /// How it gets into another process, if `#[actor(dispatcher = process)]` says that it runs there.
    fn hosting() -> Option<Hosting<Self>> {
        None
    }
    /// The same of what it is itself.
    fn own_hosting() -> Option<Hosting<Self::Itself>> {
        None
    }
    /// Its required inputs, all unconnected.
    fn unwired() -> Self::Unwired;
    /// Its ports for wiring at run time.
    fn handle(&mut self, actor: ActorHandle) -> Self::Handle;
    /// Bit i: output i was published to since the last call.
    fn published(&mut self) -> u64;
    /// How many items were overwritten before its inputs had seen them.
    fn overwritten(&self) -> u64;
    /// How often its inputs had nothing young enough.
    fn stale(&self) -> u64;
}

/// Nothing but [`Input`], [`Inputs`] and [`Output`] is a port: each is `Send` once a message flows through it,
/// and nothing else ever does.
pub trait Sealed {}

impl<T> Sealed for Input<T> {}
impl<T> Sealed for Inputs<T> {}
impl<T> Sealed for Output<T> {}

/// What `#[actor]` needs of a field that is a port.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a port",
    label = "expected `Input<…>`, `Inputs<…>` or `Output<…>`"
)]
pub trait Port: Sealed {
    /// Its type in the actor's run-time handle.
    type Handle;
    /// An unconnected port.
    fn declare(info: &'static PortInfo) -> Self;
    /// Opens the port for run-time wiring.
    fn handle(&mut self, actor: &ActorHandle) -> Self::Handle;
    /// How many items were overwritten before this input had seen them.
    fn overwritten(&self) -> u64 {
        0
    }
    /// How often this input had nothing young enough.
    fn stale(&self) -> u64 {
        0
    }
    /// Whether this output was published to since the last call.
    fn take_published(&mut self) -> bool {
        false
    }
}
