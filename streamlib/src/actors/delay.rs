//! Sends what comes, later.

use std::collections::VecDeque;
use std::time::Duration;

use crate::actor::{Actor, Control, Controlled, Input, LONGEST_DELAY, Output};
use crate::message::Message;
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// The longest delay in time.
const LONGEST_TIME: Duration = Duration::from_secs(60);

/// Sends each item some ticks or some time after it came, by as much as is set while it runs: the picture
/// after the sound, or a programme some seconds late.
///
/// ![A white box, and the same half a second behind below it](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/delay.png)
///
/// What waits is kept as a clone, which for a frame is the count of a reference; the delay costs the memory of as
/// many frames. When the delay becomes longer, nothing is sent until enough has come; when it becomes shorter, what lies
/// between is left out. What still waits when its source ends is not sent.
///
/// A delay that never changes, and one that closes a circle, needs no actor: `a >> delay(5) >> b` in `pipeline!`.
///
/// # Errors
///
/// A delay of more than 3600 ticks or a minute is an error, when the graph is built or when it is set.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::prelude::*;
///
/// let delay = Delay::ticks(2);
/// let control = delay.control();
/// let mut harness = Harness::new(delay)?;
/// let mut input = harness.feed(|delay| &mut delay.input);
/// let mut output = harness.probe(|delay| &mut delay.output);
/// let mut sent = Vec::new();
/// for number in 0..8 {
///     if number == 5 {
///         control.ticks(0)?;
///     }
///     input.send(DataMessage::new(number));
///     harness.tick()?;
///     sent.push(output.fresh().map(|item| **item));
/// }
/// assert_eq!(sent, [None, None, Some(0), Some(1), Some(2), Some(5), Some(6), Some(7)]);
/// # Ok::<(), streamlib::Error>(())
/// ```
#[actor(new = assemble)]
#[derive(Debug)]
pub struct Delay<T: Message + Clone> {
    /// What comes; all of it, as far as it is not more than 4 items a tick.
    #[input(every = 4)]
    pub input: Input<T>,
    /// The same, later.
    #[output]
    pub output: Output<T>,
    by: Controlled<By>,
    /// What waits, the oldest first, and the tick on which it came.
    kept: VecDeque<Kept<T>>,
}

/// How much later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Ticks(usize),
    Time(Duration),
}

struct Kept<T> {
    came: TimedTick,
    item: T,
}

impl<T> std::fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Kept").field(&self.came).finish()
    }
}

impl By {
    fn check(self) -> Result<()> {
        match self {
            Self::Ticks(ticks) if ticks > LONGEST_DELAY => Err(Error::invalid(
                "delay",
                format_args!("{ticks} ticks"),
                format!("0 to {LONGEST_DELAY} ticks: what waits is kept in memory"),
            )),
            Self::Time(time) if time > LONGEST_TIME => Err(Error::invalid(
                "delay",
                format_args!("{time:?}"),
                format!("no more than {LONGEST_TIME:?}: what waits is kept in memory"),
            )),
            _ => Ok(()),
        }
    }

    /// Whether what came on tick `came` is to be sent.
    fn is_over(self, came: TimedTick, now: TimedTick) -> bool {
        if came.clock_id != now.clock_id {
            return true; // it was given another clock, whose ticks are counted from elsewhere
        }
        match self {
            Self::Ticks(ticks) => {
                now.frame_number.saturating_sub(came.frame_number) >= ticks as u64
            }
            Self::Time(time) => now.timestamp - came.timestamp >= time,
        }
    }
}

impl<T: Message + Clone> Delay<T> {
    /// Sends what comes this many ticks later.
    #[must_use]
    pub fn ticks(ticks: usize) -> Self {
        Self::assemble(Controlled::new(By::Ticks(ticks)), VecDeque::new())
    }

    /// Sends what comes this much time later, on the first tick on which it has passed.
    #[must_use]
    pub fn time(time: Duration) -> Self {
        Self::assemble(Controlled::new(By::Time(time)), VecDeque::new())
    }

    /// A hold on it, with which the delay is changed while it runs.
    #[must_use]
    pub fn control(&self) -> DelayControl {
        DelayControl(self.by.control())
    }
}

impl<T: Message + Clone> Actor for Delay<T> {
    fn check(&self) -> Result<()> {
        self.by.control().settings().check()
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let by = *self.by.get();
        while let Some(item) = self.input.next() {
            self.kept.push_back(Kept {
                came: tick,
                item: item.clone(),
            });
        }
        let over = self
            .kept
            .iter()
            .take_while(|kept| by.is_over(kept.came, tick))
            .count();
        // What there is no room for is sent early, not lost.
        let over = over.max(self.kept.len().saturating_sub(LONGEST_DELAY + 1));
        if let Some(due) = self.kept.drain(..over).next_back() {
            self.output.send(due.item, tick);
        }
        Ok(())
    }

    fn summary(&self) -> String {
        match self.by.control().settings() {
            By::Ticks(ticks) => format!("by {ticks} ticks"),
            By::Time(time) => format!("by {time:?}"),
        }
    }
}

/// A hold on a [`Delay`] that may run already. Clones hold the same one.
#[derive(Clone, Debug)]
pub struct DelayControl(Control<By>);

impl DelayControl {
    /// Sends what comes this many ticks later, from the next tick on.
    ///
    /// # Errors
    ///
    /// More than 3600; nothing is changed then.
    pub fn ticks(&self, ticks: usize) -> Result<()> {
        self.set(By::Ticks(ticks))
    }

    /// Sends what comes this much time later, from the next tick on.
    ///
    /// # Errors
    ///
    /// More than a minute; nothing is changed then.
    pub fn time(&self, time: Duration) -> Result<()> {
        self.set(By::Time(time))
    }

    fn set(&self, by: By) -> Result<()> {
        by.check()?;
        self.0.set(by);
        Ok(())
    }
}
