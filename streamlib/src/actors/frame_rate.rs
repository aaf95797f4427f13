//! Another number of frames a second: some repeated, some left out.

use std::time::Duration;

use crate::actor::{Actor, Input, Output};
use crate::message::Message;
use crate::time::{IntoRate, Rate, TimedTick, Timestamp};
use crate::{Result, actor};

/// How much too early a frame may be, for the rounding of timestamps.
const TOLERANCE: Duration = Duration::from_micros(1);

/// Sends the newest item so many times a second, whatever comes how often: where more come some are left
/// out, where fewer come some are sent again.
///
/// ![Four pictures with the frame numbers 0, 3, 5 and 8](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/frame_rate.png)
///
/// On the ticks of what feeds it, it leaves out: of 60 frames a second, `FrameRate::new(24)` sends on 24 ticks a
/// second, on each when the next frame is due by the tick's own time, exact for any rational rate. To send more than comes,
/// it needs ticks that are faster: `FrameRate::new(60).fps(60)` brings a clock of its own, `FrameRate::new(60) @ house` takes
/// another clock of the graph.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::prelude::*;
///
/// let mut harness = Harness::new(FrameRate::<DataMessage<u64>>::new(25))?; // ticked at 60 fps
/// let mut input = harness.feed(|rate| &mut rate.input);
/// let mut output = harness.probe(|rate| &mut rate.output);
/// let mut sent = Vec::new();
/// for number in 0..12 {
///     input.send(DataMessage::new(number));
///     harness.tick()?;
///     sent.extend(output.fresh().map(|item| **item));
/// }
/// assert_eq!(sent, [0, 3, 5, 8, 10]);
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// # Errors
///
/// A rate that cannot be is an error when the graph is built.
#[actor(new = assemble)]
#[derive(Debug)]
pub struct FrameRate<T: Message + Clone> {
    /// What comes.
    #[input]
    pub input: Input<T>,
    /// The newest of it, so many times a second.
    #[output]
    pub output: Output<T>,
    rate: Rate,
    /// The first tick, from which frames are counted, and how many of them were due.
    counted: Option<(Timestamp, u64)>,
}

impl<T: Message + Clone> FrameRate<T> {
    /// Sends `fps` times a second.
    #[must_use]
    pub fn new(fps: impl IntoRate) -> Self {
        Self::assemble(Rate::fps(fps), None)
    }
}

impl<T: Message + Clone> Actor for FrameRate<T> {
    fn check(&self) -> Result<()> {
        self.rate.check().map(drop)
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let now = tick.timestamp;
        let (first, counted) = match self.counted {
            // A clock that was changed for another counts from elsewhere.
            Some((first, counted)) if now >= first => (first, counted),
            _ => (now, 0),
        };
        let tolerance = TOLERANCE.min(self.rate.period() / 4);
        let due = self.rate.frame_at(now - first + tolerance) + 1;
        if due > counted
            && let Some(item) = self.input.latest()
        {
            self.output.send(item.clone(), tick);
        }
        self.counted = Some((first, due));
        Ok(())
    }

    fn summary(&self) -> String {
        self.rate.to_string()
    }
}
