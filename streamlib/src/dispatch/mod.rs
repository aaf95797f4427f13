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
//! - `Process` (feature `process`, Linux): another process, which has the actor's inputs and outputs in shared memory, and
//!   may crash, hang or be killed; see `streamlib::process`.
//!
//! To make a dispatcher of your own, implement [`Dispatcher`] and [`Placement`].

#[cfg(feature = "gpu")]
mod gpu;
mod pool;
#[cfg(all(feature = "process", target_os = "linux"))]
pub(crate) mod process;
mod runtime;
mod words;

#[cfg(feature = "gpu")]
pub(crate) use gpu::settled;
#[cfg(feature = "gpu")]
pub use gpu::{Gpu, Or};
pub use pool::{handoff_waits, with_handoff};
#[cfg(all(feature = "process", target_os = "linux"))]
pub use process::Process;
#[cfg(all(feature = "process", target_os = "linux"))]
#[doc(hidden)]
pub use process::hosting;
pub use runtime::{handle as tokio_handle, own as own_runtime};
#[cfg(not(feature = "gpu"))]
#[doc(hidden)]
pub use words::NoGpu;
#[doc(hidden)]
pub use words::Takes;
pub use words::{Detached, Dispatcher, Inline, Nested, Placement, Task, Threads, Tokio};
#[cfg(not(all(feature = "process", target_os = "linux")))]
#[doc(hidden)]
pub use words::{NoProcess, hosting};
