//! The actor: publishes a pattern on every tick.

use super::Pattern;
use super::canvas::Canvas;
use crate::actor::{Actor, Clocked, Output};
use crate::actors::dimensions;
use crate::message::{PixelFormat, VideoFrame};
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// Sends a [`Pattern`] on every tick: 1920 × 1080 pixels of Rgb8 without end, unless told otherwise.
///
/// ![SMPTE colour bars](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/smpte_bars.png)
///
/// A pattern that stands still is drawn once; every tick then sends the same pixels again, neither
/// drawn nor copied.
///
/// It needs a clock: `.fps(60)`, or `@ clock` in a graph. The other settings can come before or after.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::prelude::*;
///
/// let mut harness = Harness::new(TestPattern::new(Pattern::SmpteBars).size(7, 12))?;
/// let mut video = harness.probe(|bars| &mut bars.video);
/// harness.tick()?;
/// let frame = video.latest().expect("a picture a tick");
/// assert_eq!(frame.pixels()[..6], [191, 191, 191, 191, 191, 0]); // 75 % grey, yellow
/// # Ok::<(), streamlib::Error>(())
/// ```
#[actor(new = assemble)]
#[derive(Debug)]
pub struct TestPattern {
    /// The pattern, once a tick.
    #[output]
    pub video: Output<VideoFrame>,
    pattern: Pattern,
    format: PixelFormat,
    width: u32,
    height: u32,
    frames: Option<u64>,
    sent: u64,
    /// The pattern as it was drawn, if it stands still.
    still: Option<VideoFrame>,
}

impl TestPattern {
    /// Sends `pattern`.
    #[must_use]
    pub fn new(pattern: Pattern) -> Self {
        Self::assemble(pattern, PixelFormat::Rgb8, 1920, 1080, None, 0, None)
    }

    /// Makes the pictures `width` × `height` pixels, 1 to 16384 each. Anything else is an error when the
    /// graph is built.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// Makes them Rgb8 or Rgba8, with an alpha of 255. Another format is an error when the graph is built.
    #[must_use]
    pub fn format(mut self, format: PixelFormat) -> Self {
        self.format = format;
        self
    }

    /// Ends after `count` pictures.
    #[must_use]
    pub fn frames(mut self, count: u64) -> Self {
        self.frames = Some(count);
        self
    }
}

fn draw(pattern: Pattern, frame: &mut VideoFrame, frame_number: u64) {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let channels = frame.format().channels();
    let mut canvas = Canvas::new(frame.pixels_mut(), width, height, channels);
    pattern.draw(&mut canvas, frame_number);
}

/// The settings of [`TestPattern`], once it has a clock.
impl Clocked<TestPattern> {
    /// As [`TestPattern::size`].
    #[must_use]
    pub fn size(self, width: u32, height: u32) -> Self {
        self.map(|pattern| pattern.size(width, height))
    }

    /// As [`TestPattern::format`].
    #[must_use]
    pub fn format(self, format: PixelFormat) -> Self {
        self.map(|pattern| pattern.format(format))
    }

    /// As [`TestPattern::frames`].
    #[must_use]
    pub fn frames(self, count: u64) -> Self {
        self.map(|pattern| pattern.frames(count))
    }
}

impl Actor for TestPattern {
    fn check(&self) -> Result<()> {
        if !matches!(self.format, PixelFormat::Rgb8 | PixelFormat::Rgba8) {
            return Err(Error::invalid(
                "format of a test pattern",
                self.format,
                "Rgb8 or Rgba8; convert the picture behind it",
            ));
        }
        dimensions::check(self.width, self.height)
    }

    async fn on_start(&mut self) -> Result<()> {
        self.check()?;
        if self.pattern.is_static() {
            let mut frame = VideoFrame::new(self.format, self.width, self.height)?;
            draw(self.pattern, &mut frame, 0);
            self.still = Some(frame);
        }
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.frames.is_some_and(|frames| self.sent >= frames) {
            return Err(Error::EndOfStream);
        }
        self.sent += 1;
        if let Some(frame) = &self.still {
            self.video.send(frame.clone(), tick);
            return Ok(());
        }
        let mut frame = self.video.slot();
        frame.reset(self.format, self.width, self.height)?;
        draw(self.pattern, &mut frame, tick.frame_number);
        frame.publish(tick);
        Ok(())
    }

    fn summary(&self) -> String {
        let Self {
            pattern,
            width,
            height,
            format,
            ..
        } = self;
        format!("sends {pattern}, {width}×{height} {format}")
    }
}
