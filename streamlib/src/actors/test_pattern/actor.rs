//! The actor: publishes a pattern on every tick.

use super::Pattern;
use super::canvas::{Canvas, Scratch};
use super::counter::Counter;
use crate::actor::{Actor, Clocked, Output};
use crate::actors::dimensions;
use crate::message::{PixelFormat, VideoFrame};
use crate::time::{IntoRate, TimedTick};
use crate::{Error, Result, actor};

/// Sends a [`Pattern`] on every tick: 1920 × 1080 pixels of Rgb8 without end, unless told otherwise.
///
/// ![SMPTE colour bars](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/smpte_bars.png)
///
/// A pattern that stands still is drawn once; every tick then sends the same pixels again, neither
/// drawn nor copied. With a [`counter`](Self::counter) only the counter is drawn.
///
/// It comes in every [`PixelFormat`], drawn as such and not converted, in the default colorimetry of the format and height:
/// what R'G'B' cannot hold, as the PLUGE below black, is there in Y'CbCr. Two pixels that share a colour difference have
/// the mean of theirs.
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
    counter: Option<Counter>,
    /// The pattern as it was drawn, if it stands still.
    still: Option<VideoFrame>,
    /// Pictures of it with a counter, to be counted on when nobody holds them any more.
    counted: Vec<VideoFrame>,
    scratch: Scratch,
}

/// How many of those are kept, at most.
const COUNTED: usize = 64;

impl TestPattern {
    /// Sends `pattern`.
    #[must_use]
    pub fn new(pattern: Pattern) -> Self {
        let (format, width, height) = (PixelFormat::Rgb8, 1920, 1080);
        let scratch = Scratch::default();
        Self::assemble(
            pattern,
            format,
            width,
            height,
            None,
            0,
            None,
            None,
            Vec::new(),
            scratch,
        )
    }

    /// Makes the pictures `width` × `height` pixels, 1 to 16384 each. Anything else is an error when the
    /// graph is built.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// Makes them of this format; alpha is 255.
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

    /// Burns the time of the tick, to the millisecond, and the frame number into the picture: white on black, in its upper
    /// part.
    #[must_use]
    pub fn counter(mut self) -> Self {
        self.counter = Some(Counter { rate: None });
        self
    }

    /// Burns the time code of SMPTE ST 12-1 that the frame number has at `fps` frames a second, and the frame number.
    /// At 29.97 and 59.94 it is drop-frame, with `;` before the frames. An impossible `fps` is an error when the graph
    /// is built.
    ///
    /// ```
    /// # use streamlib::prelude::*;
    /// let bars = TestPattern::new(Pattern::SmpteHdBars).timecode(59.94).fps(59.94); // 00:01:00;04  00003600
    /// ```
    #[must_use]
    pub fn timecode(mut self, fps: impl IntoRate) -> Self {
        let rate = Some(fps.into_rate());
        self.counter = Some(Counter { rate });
        self
    }

    /// The still picture with nothing burned in yet, or with what was: in memory that nobody else holds.
    fn to_be_counted(counted: &mut Vec<VideoFrame>, still: &VideoFrame) -> Result<VideoFrame> {
        if let Some(free) = counted.iter().position(|frame| !frame.is_shared()) {
            return Ok(counted.swap_remove(free));
        }
        if counted.len() >= COUNTED {
            counted.remove(0); // whoever collects them has it now
        }
        let mut frame = VideoFrame::default();
        frame.copy_from(still)?;
        Ok(frame)
    }
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

    /// As [`TestPattern::counter`].
    #[must_use]
    pub fn counter(self) -> Self {
        self.map(TestPattern::counter)
    }

    /// As [`TestPattern::timecode`].
    #[must_use]
    pub fn timecode(self, fps: impl IntoRate) -> Self {
        self.map(|pattern| pattern.timecode(fps))
    }
}

impl Actor for TestPattern {
    fn check(&self) -> Result<()> {
        if let Some(Counter { rate: Some(rate) }) = self.counter {
            rate.check()?;
        }
        dimensions::check(self.width, self.height)
    }

    async fn on_start(&mut self) -> Result<()> {
        self.check()?;
        if self.pattern.is_static() {
            // Started again, in the memory that it has.
            let mut frame = self.still.take().unwrap_or_default();
            frame.reset(self.format, self.width, self.height)?;
            let mut canvas = Canvas::new(&mut frame, &mut self.scratch);
            self.pattern.draw(&mut canvas, 0);
            self.still = Some(frame);
        }
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.frames.is_some_and(|frames| self.sent >= frames) {
            return Err(Error::EndOfStream);
        }
        self.sent += 1;
        let Self { scratch, video, .. } = self;
        match (&self.still, self.counter) {
            (Some(still), None) => video.send(still.clone(), tick),
            (Some(still), Some(counter)) => {
                let mut frame = Self::to_be_counted(&mut self.counted, still)?;
                counter.burn(&mut frame, scratch, tick);
                video.send(frame.clone(), tick);
                self.counted.push(frame);
            }
            (None, counter) => {
                let mut frame = video.slot();
                frame.reset(self.format, self.width, self.height)?;
                let mut canvas = Canvas::new(&mut frame, scratch);
                self.pattern.draw(&mut canvas, tick.frame_number);
                if let Some(counter) = counter {
                    counter.burn(&mut frame, scratch, tick);
                }
                frame.publish(tick);
            }
        }
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
