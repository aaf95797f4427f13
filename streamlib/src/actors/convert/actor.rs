//! The actor: sends what it is fed in another format.

use super::Converter;
use crate::actor::{Actor, Input, Output};
use crate::actors::bands::Splitter;
use crate::actors::kept::Kept;
use crate::message::{Colorimetry, PixelFormat, VideoFrame};
use crate::time::TimedTick;
use crate::{Result, actor};

/// Sends every picture in another [`PixelFormat`]; one that is in it already is passed on without a copy.
///
/// A picture that comes again, as that of a source that stands still, is not worked on again: what was made of it is sent once
/// more, for free.
///
/// It works on the actor's thread. Where that takes more than half of a tick's period, four pictures one after the other, the
/// next ones are made in bands of rows, on up to seven threads beside it; until 120
/// pictures one after the other would have taken less than three eighths of it on one. The picture is the same to the bit. Those threads are
/// the program's, and made once.
///
/// ![Colour bars in grey](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/convert.png)
///
/// Between formats of luma the matrix and the range stay as they are. Where red, green and blue become luma, they
/// become BT.709 from 720 rows on and BT.601 below, in limited range. [`colorimetry`](Self::colorimetry) asks for
/// something else. What is exact about it, [`Converter`] says.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::prelude::*;
///
/// let mut harness = Harness::new(Convert::to(PixelFormat::I420))?;
/// let mut input = harness.feed(|convert| &mut convert.video);
/// let mut output = harness.probe(|convert| &mut convert.converted);
///
/// input.send(VideoFrame::from_pixels(PixelFormat::Rgb8, 2, 2, [255; 12])?);
/// harness.tick()?;
/// assert_eq!(output.latest().expect("a picture").pixels(), [235, 235, 235, 235, 128, 128]);
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// In a graph: `camera >> Convert::to(PixelFormat::Uyvy) >> sender`.
#[actor(new = assemble)]
#[derive(Debug)]
pub struct Convert {
    /// Pictures in any format.
    #[input]
    pub video: Input<VideoFrame>,
    /// The same in the format that was asked for.
    #[output]
    pub converted: Output<VideoFrame>,
    format: PixelFormat,
    colorimetry: Option<Colorimetry>,
    converter: Converter,
    kept: Kept,
    splitter: Splitter,
}

impl Convert {
    /// Sends pictures in `format`.
    #[must_use]
    pub fn to(format: PixelFormat) -> Self {
        Self::assemble(
            format,
            None,
            Converter::new(),
            Kept::default(),
            Splitter::default(),
        )
    }

    /// Sends them in this matrix and range.
    #[must_use]
    pub fn colorimetry(mut self, colorimetry: Colorimetry) -> Self {
        self.colorimetry = Some(colorimetry);
        self
    }
}

impl Actor for Convert {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.splitter.begin(tick);
        let Some(frame) = self.video.latest() else {
            return Ok(());
        };
        if frame.is_empty() {
            return Ok(());
        }
        let (width, height) = frame.dimensions();
        let colorimetry = self
            .colorimetry
            .unwrap_or_else(|| frame.colorimetry().converted_to(self.format, height));
        if (frame.format(), frame.colorimetry()) == (self.format, colorimetry) {
            self.kept.forget();
            self.converted.send(frame.clone(), tick);
            return Ok(());
        }
        self.kept.send(&frame, &mut self.converted, tick, |ready| {
            ready.reset(self.format, width, height)?;
            ready.set_colorimetry(colorimetry);
            self.converter
                .convert_in_bands(&frame, ready, &mut self.splitter)
        })
    }

    fn summary(&self) -> String {
        match self.colorimetry {
            Some(colorimetry) => format!("converts to {} {colorimetry}", self.format),
            None => format!("converts to {}", self.format),
        }
    }
}
