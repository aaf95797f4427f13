//! What an actor is: ports, and what it does on a tick.
//!
//! `#[actor]` on a struct finds its ports and writes [`Ports`]; [`Actor`] is written by hand. On a function
//! it writes both. On a tick
//! an actor reads the latest of each [`Input`], works, and publishes to its [`Output`]s. It never waits
//! for a reader and never queues.
//!
//! Actors are tried one tick at a time, with no runtime, by the [`Harness`].

mod clocked;
mod function;
mod handle;
mod harness;
mod input;
mod latency;
mod output;
mod ports;
mod stats;
mod traits;

pub use clocked::{ActorExt, Clocked};
pub use handle::{ActorHandle, Link};
pub use harness::{Harness, Probe, Source};
pub use input::{Input, Inputs, Lease};
pub use latency::Latency;
pub use output::{Output, Slot};
pub use ports::{ActorInfo, OnError, PortInfo, Ports};
pub use stats::{ActorState, ActorStatus, Stats};
pub use traits::Actor;

#[doc(hidden)]
pub use clocked::{At, FromInputs, IntoNode, NoClock, OwnClock};
#[doc(hidden)]
pub use function::{Failure, HandedOver, failure, handed_over};
#[doc(hidden)]
pub use handle::{Control, Unlink};
#[doc(hidden)]
pub use input::{Accept, InputHandle, Wire};
#[doc(hidden)]
pub use output::OutputHandle;
#[doc(hidden)]
pub use ports::Port;
