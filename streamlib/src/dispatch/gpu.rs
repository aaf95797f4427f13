//! `gpu`: a task whose actors put their work into a stream of a card.

use std::marker::PhantomData;
use std::time::Duration;

use super::words::{Detached, Dispatcher, Placement, Takes, Task, Threads, stands_itself};
use crate::gpu::{Device, Place, card};
use crate::{Error, Result};

/// `gpu`: a task of the pool of threads whose actors give work to a card. The task has one of the card's few streams, which it
/// is given when it starts and keeps; the actors that run in it find that stream by
/// [`Place::stream`](crate::gpu::Place::stream).
///
/// On a tick an actor puts work into its stream and goes on: nothing waits for the card but
/// [`Download`](crate::actors::Download), and that without holding a thread. When a graph stops, each actor ends when the card has
/// done what was asked for in its stream, so that `stop` waits for that; a card that hangs is waited for
/// [no longer](Self::patience) than five seconds, and is then the error that `stop` returns.
///
/// The card is number 0, or what `STREAMLIB_GPU` names: a number, `cuda` (which is card 0), or `simulated` for the
/// [simulated card](Device::simulated).
#[derive(Clone, Copy, Debug, Default)]
pub struct Gpu;

/// `gpu.or(…)`: the same, or the processor where there is no card, or nothing that compiles kernels for it. All actors that say so
/// decide alike, since pictures go from one to the other. A card that is named wrongly is an error all the same.
#[derive(Clone, Copy, Debug)]
pub struct Or<P>(PhantomData<P>);

impl<P> Default for Or<P> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl Gpu {
    /// Takes another card for all graphs that start from now on.
    pub fn device(device: Device) {
        card::use_device(device);
    }

    /// Lets the tasks that start from now on share so many streams, 1 to 16; 4 unless it is said.
    pub fn streams(streams: usize) {
        card::use_streams(streams);
    }

    /// How long an actor waits for the card before that is an error: for what it downloads, and when it ends. 5 seconds unless it
    /// is said; `stop` waits for 10.
    pub fn patience(patience: Duration) {
        card::use_patience(patience);
    }

    /// The card, in words.
    ///
    /// # Errors
    /// What is missing, if there is none.
    pub fn status() -> Result<String> {
        card::device().map(|device| device.name())
    }
}

/// What is missing, and what to do.
fn missing(error: Error) -> Error {
    Error::graph(format_args!(
        "{error}; write `on gpu.or(threads)` for machines without a card"
    ))
}

impl Dispatcher for Gpu {
    fn spawn(&self, name: &str, task: Task) -> Result<()> {
        run_at(card::place().map_err(missing)?, &Threads, name, task)
    }

    fn check(&self) -> Result<()> {
        card::device().map(drop).map_err(missing)
    }
}

impl<P: Placement + Sync> Dispatcher for Or<P> {
    fn spawn(&self, name: &str, task: Task) -> Result<()> {
        match card::check_usable().and_then(|()| card::place()) {
            Ok(place) => run_at(place, &Threads, name, task),
            Err(error) => {
                tracing::info!(actor = name, "works on the processor: {error}");
                run_at(Place::Processor, &P::Dispatcher::default(), name, task)
            }
        }
    }

    fn check(&self) -> Result<()> {
        card::check_name()
    }

    fn check_there(&self, check: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        match card::check_usable() {
            Ok(()) => check(),
            Err(_) => Place::Processor.run(check),
        }
    }

    fn falls_back(&self) -> Option<Error> {
        card::check_usable().err()
    }
}

/// Runs a task that knows where it is.
fn run_at(place: Place, dispatcher: &impl Dispatcher, name: &str, task: Task) -> Result<()> {
    dispatcher.spawn(name, Box::pin(place.carry(task)))
}

/// Waits until the card has done what the running task asked it for; not for ever, for the card may hang.
///
/// # Errors
/// What has failed on the card; that it is not done.
pub(crate) async fn settled() -> Result<()> {
    match Place::here() {
        Ok(Place::Card(stream)) => stream.finished().await,
        _ => Ok(()),
    }
}

impl Placement for Gpu {
    const WORD: &'static str = "gpu";
    type Nesting = Detached;
    type Dispatcher = Gpu;
    stands_itself!();
}

impl<A> Takes<A> for Gpu {}

impl<P: Placement + Sync> Placement for Or<P> {
    const WORD: &'static str = "gpu";
    type Nesting = Detached;
    type Dispatcher = Or<P>;
    stands_itself!();
}
