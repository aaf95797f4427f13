//! The actor: sends what it is fed in another size.

use super::{Filter, Scaler};
use crate::actor::{Actor, Input, Output};
use crate::actors::bands::Splitter;
use crate::actors::dimensions;
use crate::actors::kept::Kept;
use crate::message::VideoFrame;
use crate::time::TimedTick;
use crate::{Result, actor};

/// Sends every picture in another size; one that has it already is passed on without a copy.
///
/// A picture that comes again, as that of a source that stands still, is not worked on again: what was made of it is sent once
/// more, for free.
///
/// It works on the actor's thread. Where that takes more than half of a tick's period, four pictures one after the other, the
/// next ones are made in bands of rows, on up to seven threads beside it; until 120
/// pictures one after the other would have taken less than three eighths of it on one. The picture is the same to the bit. Those threads are
/// the program's, and made once.
///
/// ![Blurred colour bars](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/scale.png)
///
/// The format stays. The [`PixelAspect`](crate::message::PixelAspect) changes when the picture is stretched, so that it
/// still says how wide the whole is to be shown. How exact it is, [`Scaler`] says.
///
/// # Errors
/// A size of 0 or beyond 16384 a side is an error when the graph is built.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::prelude::*;
///
/// let mut harness = Harness::new(Scale::to(960, 540).filter(Filter::Lanczos))?;
/// let mut input = harness.feed(|scale| &mut scale.video);
/// let mut output = harness.probe(|scale| &mut scale.scaled);
///
/// input.send(VideoFrame::new(PixelFormat::Rgb8, 1920, 1080)?);
/// harness.tick()?;
/// assert_eq!(output.latest().expect("a picture").dimensions(), (960, 540));
/// # Ok::<(), streamlib::Error>(())
/// ```
#[actor(new = assemble)]
#[derive(Debug)]
pub struct Scale {
    /// Pictures of any size.
    #[input]
    pub video: Input<VideoFrame>,
    /// The same in the size that was asked for.
    #[output]
    pub scaled: Output<VideoFrame>,
    width: u32,
    height: u32,
    scaler: Scaler,
    kept: Kept,
    splitter: Splitter,
}

impl Scale {
    /// Sends pictures of `width` × `height` pixels.
    #[must_use]
    pub fn to(width: u32, height: u32) -> Self {
        Self::assemble(
            width,
            height,
            Scaler::default(),
            Kept::default(),
            Splitter::default(),
        )
    }

    /// Scales with `filter`; [`Bicubic`](Filter::Bicubic) unless it is told.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.scaler = Scaler::new(filter);
        self
    }
}

impl Actor for Scale {
    fn check(&self) -> Result<()> {
        dimensions::check(self.width, self.height)
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.splitter.begin(tick);
        let Some(frame) = self.video.latest() else {
            return Ok(());
        };
        if frame.is_empty() {
            return Ok(());
        }
        if frame.dimensions() == (self.width, self.height) {
            self.kept.forget();
            self.scaled.send(frame.clone(), tick);
            return Ok(());
        }
        self.kept.send(&frame, &mut self.scaled, tick, |ready| {
            ready.reset(frame.format(), self.width, self.height)?;
            self.scaler
                .scale_in_bands(&frame, ready, &mut self.splitter)
        })
    }

    fn summary(&self) -> String {
        format!("scales to {}×{}", self.width, self.height)
    }
}
