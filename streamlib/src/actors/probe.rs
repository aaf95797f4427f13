//! Looks at what flows through it, and tells how much and how regularly.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::actor::{Actor, Input, Output};
use crate::message::Message;
use crate::time::{TimedTick, Timestamp};
use crate::{Result, actor};

/// Passes on what it is fed, counts it, and shows each item to a closure if there is one.
///
/// Put it between two actors, or at the end of a branch. It runs `inline`, so that it adds no hop; the closure
/// runs on the tick, and so must not take long or wait.
///
/// ```
/// use streamlib::prelude::*;
///
/// # #[streamlib::main]
/// # async fn main() -> Result<()> {
/// let probe = Probe::each(|frame: &VideoFrame, tick| {
///     if tick.frame_number == 0 {
///         println!("{} × {} pixels of {}", frame.width(), frame.height(), frame.format());
///     }
/// });
/// let counts = probe.counts();
/// let clock = VirtualClock::fps(50);
/// let show = pipeline! {
///     clock house = clock.clone();
///     bars = TestPattern::new(Pattern::SmpteBars).size(320, 180) @ house;
///     bars >> probe;
/// }?;
/// clock.advance(101).await?;
/// assert_eq!((counts.items(), counts.left_out()), (101, 0));
/// assert_eq!(counts.fps(), 50.0);
/// # show.stop().await
/// # }
/// ```
#[actor(new = assemble, dispatcher = inline)]
pub struct Probe<T: Message + Clone> {
    /// What comes.
    #[input]
    pub input: Input<T>,
    /// The same.
    #[output]
    pub output: Output<T>,
    counts: ProbeCounts,
    look: Option<Look<T>>,
}

type Look<T> = Box<dyn FnMut(&T, TimedTick) + Send>;

impl<T: Message + Clone> Probe<T> {
    /// A probe that only counts.
    #[must_use]
    pub fn new() -> Self {
        Self::assemble(ProbeCounts::default(), None)
    }

    /// A probe that shows each item to `look`, with the tick on which it came through.
    #[must_use]
    pub fn each(look: impl FnMut(&T, TimedTick) + Send + 'static) -> Self {
        Self::assemble(ProbeCounts::default(), Some(Box::new(look)))
    }

    /// What it has counted, to be asked for while it runs.
    #[must_use]
    pub fn counts(&self) -> ProbeCounts {
        self.counts.clone()
    }
}

impl<T: Message + Clone> Default for Probe<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Message + Clone> fmt::Debug for Probe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe")
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

impl<T: Message + Clone> Actor for Probe<T> {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(item) = self.input.next() {
            self.counts.count(tick);
            if let Some(look) = &mut self.look {
                look(&item, tick);
            }
            self.output.send(item.clone(), tick);
        }
        Ok(())
    }
}

/// What a [`Probe`] has counted. Clones hold the same counts.
#[derive(Clone, Debug, Default)]
pub struct ProbeCounts(Arc<Counts>);

/// Written by the probe's task alone.
#[derive(Debug, Default)]
struct Counts {
    items: AtomicU64,
    left_out: AtomicU64,
    /// Nanoseconds since the clock's epoch.
    first: AtomicU64,
    last: AtomicU64,
    frame_number: AtomicU64,
}

impl ProbeCounts {
    fn count(&self, tick: TimedTick) {
        let counts = &*self.0;
        // Relaxed, all of them: numbers that are read each on its own, and one writer. The count goes last, with
        // Release, and pairs with the Acquire in `items`: who sees it sees the times too.
        let items = counts.items.load(Ordering::Relaxed);
        let before = counts
            .frame_number
            .swap(tick.frame_number, Ordering::Relaxed);
        if items == 0 {
            counts
                .first
                .store(tick.timestamp.as_nanos(), Ordering::Relaxed);
        } else {
            let between = tick.frame_number.saturating_sub(before + 1);
            let left_out = counts.left_out.load(Ordering::Relaxed) + between;
            counts.left_out.store(left_out, Ordering::Relaxed);
        }
        counts
            .last
            .store(tick.timestamp.as_nanos(), Ordering::Relaxed);
        counts.items.store(items + 1, Ordering::Release);
    }

    /// How many items came.
    #[must_use]
    pub fn items(&self) -> u64 {
        // Acquire: pairs with the Release in `count`.
        self.0.items.load(Ordering::Acquire)
    }

    /// How many ticks lay between the first and the last item on which none came.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.0.left_out.load(Ordering::Relaxed)
    }

    /// The time of the tick on which the last item came; `None` before the first.
    #[must_use]
    pub fn last(&self) -> Option<Timestamp> {
        let last = || Timestamp::from_nanos(self.0.last.load(Ordering::Relaxed));
        (self.items() > 0).then(last)
    }

    /// Items a second, from the first to the last; 0 before the second.
    #[must_use]
    pub fn fps(&self) -> f64 {
        let items = self.items();
        let [first, last] = [&self.0.first, &self.0.last].map(|time| time.load(Ordering::Relaxed));
        if items < 2 || last <= first {
            return 0.0;
        }
        (items - 1) as f64 * 1e9 / (last - first) as f64
    }
}
