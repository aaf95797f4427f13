//! A picture cropped, scaled and converted for its place, and kept as long as it stays the same.

use super::Common;
use crate::actors::kept::Kept;
use crate::actors::{Converter, Filter, Scaler};
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
    scaled: Scaled,
    /// The size that pictures are not expected to be beyond, for memory that is enough once the size glides.
    pub largest: (u32, u32),
}

/// The last picture that was converted, and what became of it.
#[derive(Debug, Default)]
struct Converted {
    converter: Option<Converter>,
    kept: Kept,
}

/// The last part of a picture that was scaled, and what became of it.
#[derive(Debug, Default)]
struct Scaled {
    scaler: Option<Scaler>,
    part: Option<Part>,
    cut: VideoFrame,
    kept: Kept,
}

impl Fitter {
    /// Lets go of the picture that was there last, which is not shown any more.
    pub fn forget(&mut self) {
        self.converted.kept.forget();
        self.scaled.kept.forget();
    }

    /// `part` of `frame`, `size` pixels large and in a format that is laid as it is: a picture, and where in it
    /// the part begins.
    ///
    /// # Errors
    /// A size that is too large, or no memory for it.
    pub fn fit(
        &mut self,
        frame: &VideoFrame,
        part: Part,
        size: (usize, usize),
        common: Common,
    ) -> Result<(VideoFrame, usize, usize)> {
        let frame = self.converted.of(frame, common.wanted(frame))?;
        if (part.width, part.height) == size {
            self.scaled.kept.forget();
            return Ok((frame, part.x, part.y));
        }
        let size = (pixels(size.0)?, pixels(size.1)?);
        Ok((self.scaled.of(&frame, part, size, self.largest)?, 0, 0))
    }
}

/// A length that a picture may have, or one that is refused as too long.
fn pixels(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(|_| Error::invalid("size", length, "at most 16384 pixels"))
}

impl Converted {
    /// `frame` as `wanted`.
    fn of(&mut self, frame: &VideoFrame, wanted: Common) -> Result<VideoFrame> {
        if wanted.is_of(frame) {
            self.kept.forget();
            return Ok(frame.clone());
        }
        let again = self.kept.again(frame);
        if let Some(ready) = again.filter(|ready| wanted.is_of(ready)) {
            return Ok(ready);
        }
        let converter = self.converter.get_or_insert_with(Converter::new);
        self.kept.make(frame, |ready| {
            ready.reset(wanted.format, frame.width(), frame.height())?;
            ready.set_colorimetry(wanted.colorimetry);
            converter.convert(frame, ready)
        })
    }
}

impl Scaled {
    /// `part` of `frame`, `width` × `height` pixels large.
    fn of(
        &mut self,
        frame: &VideoFrame,
        part: Part,
        (width, height): (u32, u32),
        largest: (u32, u32),
    ) -> Result<VideoFrame> {
        let again = self
            .kept
            .again(frame)
            .filter(|ready| self.part == Some(part) && ready.dimensions() == (width, height));
        if let Some(ready) = again {
            return Ok(ready);
        }
        let source = if part == Part::whole(frame) {
            frame
        } else {
            cut(frame, part, &mut self.cut)?;
            &self.cut
        };
        let scaler = self
            .scaler
            .get_or_insert_with(|| Scaler::new(Filter::Bilinear));
        let ready = self.kept.make(frame, |ready| {
            if !ready.is_empty() && ready.dimensions() != (width, height) {
                // It glides: what it has now is enough for the next ticks too.
                let (most_width, most_height) = (largest.0.max(width), largest.1.max(height));
                ready.reset(frame.format(), most_width, most_height)?;
            }
            ready.reset(frame.format(), width, height)?;
            scaler.scale(source, ready)
        })?;
        self.part = Some(part);
        Ok(ready)
    }
}

/// Copies `part` of `frame`, which is in a format that is laid, into `out`.
fn cut(frame: &VideoFrame, part: Part, out: &mut VideoFrame) -> Result<()> {
    let format = frame.format();
    out.reset(format, pixels(part.width)?, pixels(part.height)?)?;
    out.set_colorimetry(frame.colorimetry());
    let bytes = if format.is_rgb() {
        format.channels()
    } else {
        1
    };
    for (index, (from, mut to)) in frame.planes().zip(out.planes_mut()).enumerate() {
        let shift = usize::from(index > 0); // I420, whose parts begin at even columns and rows
        let left = (part.x >> shift) * bytes;
        let rows = from.rows().skip(part.y >> shift);
        for (from, to) in rows.zip(to.rows_mut()) {
            let end = left + to.len();
            if let Some(from) = from.get(left..end) {
                to.copy_from_slice(from);
            }
        }
    }
    Ok(())
}
