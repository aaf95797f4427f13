//! A picture cropped, scaled and converted for its place, and kept as long as it stays the same.

use super::Common;
use crate::actors::Converter;
use crate::message::VideoFrame;
use crate::{Error, Result};

/// A part of a picture, within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::actors) struct Part {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

impl Part {
    /// All of a picture.
    pub fn whole(frame: &VideoFrame) -> Self {
        Self {
            x: 0,
            y: 0,
            width: frame.width() as usize,
            height: frame.height() as usize,
        }
    }
}

/// Makes of a layer's pictures what can be laid. One that is there again is not worked on again.
#[derive(Debug, Default)]
pub(in crate::actors) struct Fitter {
    converted: Converted,
}

/// The last picture that was converted, and what became of it.
#[derive(Debug, Default)]
struct Converted {
    converter: Option<Converter>,
    source: VideoFrame,
    ready: VideoFrame,
}

impl Fitter {
    /// `part` of `frame`, `size` pixels large and in a format that is laid as it is: a picture, and where in it
    /// the part begins.
    ///
    /// # Errors
    /// When it cannot be scaled or converted.
    pub fn fit(
        &mut self,
        frame: &VideoFrame,
        part: Part,
        size: (usize, usize),
        common: Common,
    ) -> Result<(VideoFrame, usize, usize)> {
        let frame = self.converted.of(frame, common.wanted(frame))?;
        if (part.width, part.height) == size {
            return Ok((frame, part.x, part.y));
        }
        Err(Error::invalid(
            "picture",
            format_args!("{} × {} pixels", part.width, part.height),
            format!("{} × {} pixels; scale it before", size.0, size.1),
        ))
    }
}

impl Converted {
    /// `frame` as `wanted`.
    fn of(&mut self, frame: &VideoFrame, wanted: Common) -> Result<VideoFrame> {
        if wanted.is_of(frame) {
            // What was converted before is not needed any more.
            self.source = VideoFrame::default();
            return Ok(frame.clone());
        }
        if !(is_same(&self.source, frame) && wanted.is_of(&self.ready)) {
            let ready = &mut self.ready;
            self.source = VideoFrame::default();
            ready.reset(wanted.format, frame.width(), frame.height())?;
            ready.set_colorimetry(wanted.colorimetry);
            let converter = self.converter.get_or_insert_with(Converter::new);
            converter.convert(frame, ready)?;
            self.source = frame.clone();
        }
        Ok(self.ready.clone())
    }
}

/// Whether both are the same picture, without a look at the pixels.
fn is_same(a: &VideoFrame, b: &VideoFrame) -> bool {
    let told = |frame: &VideoFrame| {
        (
            frame.format(),
            frame.dimensions(),
            frame.stride(),
            frame.colorimetry(),
        )
    };
    a.shares_pixels_with(b) && told(a) == told(b)
}
