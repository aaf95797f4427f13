//! Takes items and lets them go: the end of a branch that nobody looks at.

use crate::actor::{Actor, Input};
use crate::message::Message;
use crate::time::TimedTick;
use crate::{Result, actor};

/// Reads what it is fed and does nothing with it.
///
/// It runs `inline`, since it costs nothing. It takes any message: `Null::new()` where the compiler knows which, `Null::<VideoFrame>::new()`
/// elsewhere.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::prelude::*;
///
/// let mut harness = Harness::new(Null::<VideoFrame>::new())?;
/// let mut video = harness.feed(|null| &mut null.input);
/// video.send(VideoFrame::new(PixelFormat::Rgb8, 64, 36)?);
/// harness.tick()?;
/// assert!(!harness.input.has_new());
/// # Ok::<(), streamlib::Error>(())
/// ```
#[actor]
#[derive(Debug)]
pub struct Null<T: Message> {
    /// What is taken.
    #[input]
    pub input: Input<T>,
}

impl<T: Message> Actor for Null<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = self.input.next();
        Ok(())
    }
}
