//! Where actors run.
//!
//! A *task* is an actor and the `inline` actors that hang on it. A [`Dispatcher`] runs tasks, which
//! are futures that wait for ticks:
//!
//! - [`Threads`], the default: a pool with a thread for every task, so that an actor that blocks or
//!   computes for long holds up nobody. When one actor ticks the next, the next runs on the same
//!   thread, right after it and with no system call.
//! - [`Tokio`]: a task of the surrounding tokio runtime, for actors that wait for input and output.
//! - [`Inline`]: no task of its own: the actor is compiled into what feeds it and runs right after it.
//!   An actor that nothing feeds, or that several actors feed, has no single such place: it runs
//!   on [`Threads`], where it follows whichever of them published last.
//! - `Gpu` (feature `gpu`): in a stream of a card, for actors that give it work; `gpu.or(threads)` where there may be none.
//!
//! To make a dispatcher of your own, implement [`Dispatcher`] and [`Placement`].

#[cfg(feature = "gpu")]
mod gpu;
mod pool;
mod runtime;
mod words;

#[cfg(feature = "gpu")]
pub use gpu::{Gpu, Or};
pub use pool::{handoff_waits, with_handoff};
pub use runtime::{handle as tokio_handle, own as own_runtime};
pub use words::{Detached, Dispatcher, Inline, Nested, Placement, Task, Threads, Tokio};
