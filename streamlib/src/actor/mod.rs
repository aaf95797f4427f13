//! What an actor is: ports, and what it does on a tick.
//!
//! `#[actor]` on a struct finds its ports and writes [`Ports`]; [`Actor`] is written by hand. On a function
//! it writes both. On a tick
//! an actor reads the latest of each [`Input`], works, and publishes to its [`Output`]s. It never waits
//! for a reader and never queues.
//!
//! Actors are tried one tick at a time, with no runtime, by the [`Harness`].

mod busy;
mod clocked;
mod connect;
mod control;
#[cfg(all(feature = "process", target_os = "linux"))]
mod crossing;
mod delay;
mod function;
mod handle;
mod harness;
mod hosting;
mod input;
mod inputs;
#[cfg(all(feature = "process", target_os = "linux"))]
mod isolated;
mod latency;
mod moment;
mod moves;
mod output;
mod ports;
mod stamped;
mod stats;
mod traits;

pub(crate) use busy::Call;
pub use clocked::{ActorExt, Clocked};
pub use control::{Control, Controlled};
pub use handle::{ActorHandle, Link};
pub use harness::{Harness, Probe, Source};
pub use input::{Input, Lease};
pub use inputs::Inputs;
#[cfg(feature = "display")]
pub(crate) use latency::Histogram;
pub use latency::Latency;
pub use output::{Output, Slot};
pub use ports::{ActorInfo, OnError, PortInfo, Ports, Restart};
pub use stamped::Stamped;
pub use stats::{ActorState, ActorStatus, Stats};
pub use traits::Actor;

pub(crate) use delay::LONGEST as LONGEST_DELAY;
pub(crate) use handle::{PATIENCE, left_by};
pub(crate) use moment::{clear_moment, drop_on, set_moment};
pub(crate) use output::{ReaderSpec, ring, slots_for};

#[doc(hidden)]
pub use clocked::{At, FromInputs, IntoNode, NoClock, Nothing, OwnClock};
#[doc(hidden)]
pub use connect::{Accept, InputHandle, Late};
#[cfg(all(feature = "process", target_os = "linux"))]
#[doc(hidden)]
pub use crossing::Crossing;
#[doc(hidden)]
pub use delay::{Delayed, TickNumber};
#[doc(hidden)]
pub use function::{Failure, HandedOver, failure, handed_over};
#[doc(hidden)]
pub use handle::{Running, Stopped, Unlink};
#[cfg(all(feature = "process", target_os = "linux"))]
#[doc(hidden)]
pub use hosting::Elsewhere;
#[doc(hidden)]
pub use hosting::Hosting;
#[cfg(all(feature = "process", target_os = "linux"))]
#[doc(hidden)]
pub use isolated::{Carried, EachPort, Isolated};
#[doc(hidden)]
pub use moves::{Fields, field, moves, port_moves};
#[doc(hidden)]
pub use output::{LateWriter, OutputHandle};
#[doc(hidden)]
pub use ports::Port;
