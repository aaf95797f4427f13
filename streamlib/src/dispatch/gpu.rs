//! `gpu`: a task whose actors put their work into a stream of a card.

use std::marker::PhantomData;
use std::sync::Arc;

use super::words::{Detached, Dispatcher, Placement, Takes, Task, Threads};
use crate::actor::{Actor, Hosting, Stats};
use crate::gpu::{Device, Place, card};
use crate::{Error, Result};

/// `gpu`: a task of the pool of threads whose actors give work to a card. The task has one of the card's few streams, which it
/// is given when it starts and keeps; the actors that run in it find that stream by
/// [`Place::stream`](crate::gpu::Place::stream).
///
/// On a tick an actor puts work into its stream and goes on: nothing waits for the card but
/// [`Download`](crate::actors::Download), and that without holding a thread. When its actors have ended, a task stays until the
/// card has done what they asked for.
///
/// The card is number 0, or what `STREAMLIB_GPU` names: a number, or `simulated` for the
/// [simulated card](Device::simulated).
#[derive(Clone, Copy, Debug, Default)]
pub struct Gpu;

/// `gpu.or(…)`: the same, or the processor where there is no card.
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
        match card::place() {
            Ok(place) => run_at(place, &Threads, name, task),
            Err(error) => {
                tracing::info!(actor = name, "works on the processor: {error}");
                run_at(Place::Processor, &P::Dispatcher::default(), name, task)
            }
        }
    }
}

/// Runs a task that knows where it is, and stays until the card has done what it asked for.
fn run_at(place: Place, dispatcher: &impl Dispatcher, name: &str, task: Task) -> Result<()> {
    let actor = name.to_owned();
    let placed = async move {
        place.clone().carry(task).await;
        if let Place::Card(stream) = place
            && let Err(error) = stream.finished().await
        {
            tracing::error!(actor, "what was left to the card has failed: {error}");
        }
    };
    dispatcher.spawn(name, Box::pin(placed))
}

impl Placement for Gpu {
    const WORD: &'static str = "gpu";
    type Nesting = Detached;
    type Dispatcher = Gpu;
    type Host<A: Actor> = A;

    fn host<A: Actor>(actor: A, _hosting: Option<Hosting<A>>, _stats: &Arc<Stats>) -> A {
        actor
    }
}

impl<A> Takes<A> for Gpu {}

impl<P: Placement + Sync> Placement for Or<P> {
    const WORD: &'static str = "gpu";
    type Nesting = Detached;
    type Dispatcher = Or<P>;
    type Host<A: Actor> = A;

    fn host<A: Actor>(actor: A, _hosting: Option<Hosting<A>>, _stats: &Arc<Stats>) -> A {
        actor
    }
}
