//! Live video and audio as a graph of actors that tick.
//!
//! Structs become actors with [`#[actor]`](macro@actor), a graph is written in one macro ([`pipeline!`](macro@pipeline)), and
//! the compiler lays the wires: it types the ports, sizes the rings, binds every actor to a
//! [clock], and picks where it [runs](dispatch). On a tick an actor reads the latest of each input, works,
//! and publishes; nothing queues, and nothing waits for a reader.
//!
//! ```no_run
//! use streamlib::prelude::*;
//!
//! #[streamlib::main]
//! async fn main() -> Result<()> {
//!     let show = pipeline! {
//!         bars    = TestPattern::new(Pattern::SmpteBars).size(1920, 1080).fps(60);
//!         display = Display::new("streamlib");
//!
//!         bars >> display;
//!     }?;
//!     show.run().await
//! }
//! ```
//!
//! The modules are the floors of a house, and a room imports only from floors below it: [`time`],
//! [`memory`], [`message`], [`ring`], [`clock`], [`actor`](mod@actor), [`dispatch`], [`actors`], [`profile`],
//! [`pipeline`](mod@pipeline).

// The macros expand to `::streamlib::…`, inside this crate too.
extern crate self as streamlib;

pub mod actor;
pub mod actors;
pub mod clock;
pub mod dispatch;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod memory;
pub mod message;
pub mod pipeline;
pub mod profile;
pub mod ring;
pub mod time;

/// Actors in processes of their own: what a program that has some may want to say.
///
/// The [book](https://github.com/streamlib/streamlib/blob/main/docs/src/process.md) tells of `on process`.
#[cfg(all(feature = "process", target_os = "linux"))]
pub mod process {
    pub use crate::__before_main as before_main;
    #[cfg(fuzzing)]
    pub use crate::dispatch::process::fuzzing;
    pub use crate::dispatch::process::{Local, Process, worker};
}

mod error;
mod sync;
mod table;

pub use error::{Error, Result};
pub use pipeline::{Pipeline, spawn};
pub use streamlib_macros::{actor, input, main, output, pipeline};

#[doc(hidden)]
pub mod __private;

pub mod prelude;
