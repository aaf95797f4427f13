//! What must hold: integration tests that use streamlib as a user does, and the actors they share.

pub mod built;
pub mod cards;
#[cfg(target_os = "linux")]
pub mod lab;
pub mod pictures;
#[cfg(target_os = "linux")]
mod wire;
#[cfg(target_os = "linux")]
pub mod workers;

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use streamlib::actor::ActorStatus;
use streamlib::prelude::*;

/// What an actor saw, shared with the test.
#[derive(Clone, Debug)]
pub struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Log<T> {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry.
    pub fn push(&self, entry: T) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(entry);
    }

    /// All entries so far.
    #[must_use]
    pub fn entries(&self) -> Vec<T> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Sends the number of each tick; ends after `last`.
#[actor]
pub struct Numbers {
    /// The number of the tick.
    #[output]
    pub numbers: Output<DataMessage<u64>>,
    last: u64,
}

impl Actor for Numbers {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if tick.frame_number > self.last {
            return Err(Error::EndOfStream);
        }
        self.numbers.send(DataMessage::new(tick.frame_number), tick);
        Ok(())
    }
}

/// Sends the number of each tick but some, on which it is silent, and writes down all that it has worked on.
#[actor]
pub struct Shy {
    /// The number of the tick.
    #[output]
    pub number: Output<DataMessage<u64>>,
    silent: RangeInclusive<u64>,
    log: Log<u64>,
}

impl Actor for Shy {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if !self.silent.contains(&tick.frame_number) {
            self.number.send(DataMessage::new(tick.frame_number), tick);
        }
        self.log.push(tick.frame_number);
        Ok(())
    }
}

/// Sends 0, 1, 2, … on whatever ticks come; ends after `last`.
#[actor(new = assemble)]
pub struct Items {
    /// The number of the item.
    #[output]
    pub items: Output<DataMessage<u64>>,
    next: u64,
    last: u64,
}

impl Items {
    /// Sends the numbers up to `last`.
    #[must_use]
    pub fn up_to(last: u64) -> Self {
        Self::assemble(0, last)
    }
}

impl Actor for Items {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.next > self.last {
            return Err(Error::EndOfStream);
        }
        self.items.send(DataMessage::new(self.next), tick);
        self.next += 1;
        Ok(())
    }
}

/// Adds one.
#[actor]
pub struct AddOne {
    /// A number.
    #[input]
    pub number: Input<DataMessage<u64>>,
    /// The number, and one.
    #[output]
    pub sum: Output<DataMessage<u64>>,
}

impl Actor for AddOne {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.number.latest() {
            self.sum.send(DataMessage::new(**number + 1), tick);
        }
        Ok(())
    }
}

/// Hands on what comes, on ticks that bring something, and ends with what feeds it.
#[actor]
pub struct Through {
    /// A number.
    #[input]
    pub number: Input<DataMessage<u64>>,
    /// The same.
    #[output]
    pub same: Output<DataMessage<u64>>,
}

impl Actor for Through {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.number.next() {
            self.same.send(DataMessage::new(**number), tick);
        }
        Ok(())
    }
}

/// Writes down what it sees.
#[actor]
pub struct Seen<T: Message + Clone> {
    /// Anything.
    #[input(every = 8)]
    pub item: Input<T>,
    log: Log<T>,
}

impl<T: Message + Clone> Actor for Seen<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        while let Some(item) = self.item.next() {
            self.log.push(item.clone());
        }
        Ok(())
    }
}

/// How the actor of this name is.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn status_of(show: &Pipeline, name: &str) -> ActorStatus {
    let status = show.status();
    status.actor(name).expect("it is in the graph").clone()
}

/// Writes down the tick and the number that it sees.
#[actor]
pub struct Collect {
    /// A number.
    #[input]
    pub number: Input<DataMessage<u64>>,
    log: Log<(u64, u64)>,
}

impl Actor for Collect {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.number.latest() {
            self.log.push((tick.frame_number, **number));
        }
        Ok(())
    }
}

/// Writes down every tick, and the name of the thread that it came on.
#[actor]
pub struct Where {
    /// Anything.
    #[input]
    pub number: Input<DataMessage<u64>>,
    /// What came in.
    #[output]
    pub out: Output<DataMessage<u64>>,
    log: Log<Place>,
}

/// Where a tick was worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the tick.
    pub frame_number: u64,
    /// The name of the thread.
    pub thread: String,
    /// The tokio task, if it was one.
    pub task: Option<String>,
}

impl Actor for Where {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.log.push(Place {
            frame_number: tick.frame_number,
            thread: std::thread::current().name().unwrap_or("").to_owned(),
            task: tokio::task::try_id().map(|id| id.to_string()),
        });
        if let Some(number) = self.number.latest() {
            self.out.send(DataMessage::new(**number), tick);
        }
        Ok(())
    }
}

/// What a block gives in so many runs, and how often each: a `BTreeMap` of one entry where it is the same on every run.
#[macro_export]
macro_rules! counted {
    ($runs:expr, $run:expr) => {{
        let mut seen = ::std::collections::BTreeMap::new();
        for _ in 0..$runs {
            *seen.entry($run).or_insert(0) += 1;
        }
        seen
    }};
}

/// Holds up the thread that calls it, as an actor does whose device does not answer, for as long as that is said.
pub fn wait_while(stalled: &AtomicBool) {
    // Acquire: pairs with the Release store of whoever lets it go.
    while stalled.load(Ordering::Acquire) {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until `done` says so, ten seconds at most; whether it did.
pub async fn until(mut done: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if done() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    false
}
