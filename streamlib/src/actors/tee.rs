//! Passes on what it is fed: a point of a graph that has a name.

use crate::actor::{Actor, Input, Output};
use crate::message::Message;
use crate::time::TimedTick;
use crate::{Result, actor};

/// Passes on what it is fed, without a copy.
///
/// An output has any number of readers by itself (`camera >> [screen, file]`). A `Tee` is a point of the graph with a
/// name of its own, with readers that do not depend on which actor feeds it; spawned, it has room for eight
/// that are connected while it runs. It runs `inline`.
///
/// ```
/// use streamlib::prelude::*;
///
/// # #[streamlib::main]
/// # async fn main() -> Result<()> {
/// let clock = VirtualClock::fps(50);
/// let show = pipeline! {
///     clock house = clock.clone();
///     bars    = TestPattern::new(Pattern::SmpteBars).size(320, 180) @ house;
///     program = Tee::<VideoFrame>::new();
///     bars    >> program;
///     program >> [Null::new(), Null::new()];
/// }?;
/// clock.advance(10).await?;
/// # show.stop().await
/// # }
/// ```
#[actor(dispatcher = inline)]
#[derive(Debug)]
pub struct Tee<T: Message + Clone> {
    /// What comes.
    #[input]
    pub input: Input<T>,
    /// The same.
    #[output]
    pub output: Output<T>,
}

impl<T: Message + Clone> Actor for Tee<T> {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(item) = self.input.next() {
            self.output.send(item.clone(), tick);
        }
        Ok(())
    }
}
