//! The trait that is written by hand: what an actor does.

use std::future::Future;

use super::Ports;
use crate::Result;
use crate::time::TimedTick;

/// What an actor does on a tick.
///
/// What is put into a graph moves to a task, and so is `'static`; an `impl` for an actor with type parameters need not say so.
///
/// ```
/// use streamlib::prelude::*;
///
/// /// Halves every byte.
/// #[actor]
/// struct Dim {
///     #[input]
///     video: Input<VideoFrame>,
///     #[output]
///     dimmed: Output<VideoFrame>,
/// }
///
/// impl Actor for Dim {
///     async fn process(&mut self, tick: TimedTick) -> Result<()> {
///         if let Some(frame) = self.video.latest() {
///             let mut out = self.dimmed.slot();
///             out.copy_from(&frame)?;
///             out.pixels_mut().iter_mut().for_each(|byte| *byte /= 2);
///             out.publish(tick);
///         }
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an actor",
    label = "has no `process`",
    note = "an actor is a struct with `#[actor]` and an `impl Actor` that says what `process` does on a tick"
)]
pub trait Actor: Ports + Send {
    // Not `'static`: of an `impl` that does not ask it of a parameter rustc would tell it twice, and again of each future,
    // here. Where an actor is put into a graph it is told once.
    //
    // `where Self: Send` says nothing new. But where it does not hold, rustc tells it once, of the `impl`, and not of each
    // future again, which holds the actor.

    /// Works on one tick: reads inputs, publishes outputs.
    ///
    /// # Errors
    ///
    /// An error is logged, counted in `status()`, and handled as the actor's `on_error` says; so is a
    /// panic. [`Error::EndOfStream`](crate::Error::EndOfStream) is the actor's own end: a source has
    /// nothing more to send, a sink was closed. What it published on this tick still arrives.
    fn process(&mut self, tick: TimedTick) -> impl Future<Output = Result<()>> + Send
    where
        Self: Send;

    /// Looks at the actor's configuration while nothing runs yet.
    ///
    /// # Errors
    ///
    /// What is impossible in it; building the graph then fails with that error.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Runs before the first tick, where the actor runs: opens files and devices. With `on_error = restart` it runs again, after
    /// `on_stop`, whenever the actor is restarted.
    ///
    /// # Errors
    ///
    /// With `on_error = restart` it is tried again, after the rest that follows any failure. Otherwise the actor fails,
    /// which ends what hangs on it; the rest of the graph goes on, unless `on_error = stop_all`.
    fn on_start(&mut self) -> impl Future<Output = Result<()>> + Send
    where
        Self: Send,
    {
        async { Ok(()) }
    }

    /// Runs after the last tick: flushes and closes. It runs also after an `on_start` that has failed, to close what that had
    /// opened, and before each `on_start` of a restart.
    ///
    /// # Errors
    ///
    /// Logged and counted.
    fn on_stop(&mut self) -> impl Future<Output = Result<()>> + Send
    where
        Self: Send,
    {
        async { Ok(()) }
    }

    /// What it does, where and at what rate, in one line; asked for after `on_start`.
    fn summary(&self) -> String {
        String::new()
    }
}
