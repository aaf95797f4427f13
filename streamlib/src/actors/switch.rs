//! Passes on one of several sources, another from one tick to the next.

use crate::actor::{Actor, Control, Controlled, Inputs, Output};
use crate::message::Message;
use crate::time::TimedTick;
use crate::{Result, actor};

/// Passes on what one of its sources sends, and cuts to another at the boundary between two ticks.
///
/// ![Two pictures of colour bars, then two of a checkerboard](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/switch.png)
///
/// It takes any message, passes it on without a look inside, and begins with source 0. Sources are counted in
/// the order in which they are connected. A cut sends the newest item of the source that is cut to, also if that
/// is not new; until that source has sent one, the last item of the source before stays on the program. For a mix in
/// place of a cut there is [`Crossfade`](super::Crossfade).
///
/// ```
/// use streamlib::prelude::*;
///
/// # #[streamlib::main]
/// # async fn main() -> Result<()> {
/// let switch = Switch::<VideoFrame>::new();
/// let control = switch.control();
/// let clock = VirtualClock::fps(50);
/// let show = pipeline! {
///     clock house = clock.clone();
///     camera = TestPattern::new(Pattern::MovingBox).size(320, 180) @ house;
///     bars   = TestPattern::new(Pattern::SmpteBars).size(320, 180) @ house;
///     camera >> switch.sources;
///     bars   >> switch.sources;
///     switch >> Null::new();
/// }?;
/// clock.advance(10).await?;
/// control.cut(1); // to the bars, from the next tick on
/// clock.advance(10).await?;
/// # show.stop().await
/// # }
/// ```
#[actor(new = assemble)]
#[derive(Debug)]
pub struct Switch<T: Message + Clone> {
    /// What can be chosen.
    #[input]
    pub sources: Inputs<T>,
    /// What is chosen.
    #[output]
    pub program: Output<T>,
    chosen: Controlled<usize>,
    /// What was sent last.
    on_air: Option<usize>,
}

impl<T: Message + Clone> Switch<T> {
    /// A switch that passes on source 0.
    #[must_use]
    pub fn new() -> Self {
        Self::assemble(Controlled::new(0), None)
    }

    /// A hold on it, with which it is cut to another source while it runs.
    #[must_use]
    pub fn control(&self) -> SwitchControl {
        SwitchControl(self.chosen.control())
    }
}

impl<T: Message + Clone> Default for Switch<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Message + Clone> Actor for Switch<T> {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let chosen = *self.chosen.get();
        let Some(source) = self.sources.iter_mut().nth(chosen) else {
            return Ok(()); // not connected, at least not yet
        };
        let item = if self.on_air == Some(chosen) {
            source.next()
        } else {
            source.latest()
        };
        if let Some(item) = item {
            self.program.send(item.clone(), tick);
            self.on_air = Some(chosen);
        }
        Ok(())
    }

    fn summary(&self) -> String {
        let chosen = self.control().source();
        format!("source {chosen} of {}", self.sources.len())
    }
}

/// A hold on a [`Switch`] that may run already. Clones hold the same one.
#[derive(Clone, Debug)]
pub struct SwitchControl(Control<usize>);

impl SwitchControl {
    /// Passes on source `source` from the next tick on, counted from 0.
    pub fn cut(&self, source: usize) {
        self.0.set(source);
    }

    /// The source that was asked for last.
    #[must_use]
    pub fn source(&self) -> usize {
        self.0.settings()
    }
}
