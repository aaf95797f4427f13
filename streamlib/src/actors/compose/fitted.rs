//! A picture cropped, scaled and converted for its place, and kept as long as it stays the same.

use super::Common;
use super::cropped::{Cropped, cut};
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

    /// Whether it is so little of `frame` that a copy of it costs less than work on the rest.
    fn is_small(self, frame: &VideoFrame) -> bool {
        let whole = Self::whole(frame);
        2 * self.width * self.height <= whole.width * whole.height
    }
}

/// Makes of a layer's pictures what can be laid. One that is there again is not worked on again.
#[derive(Debug, Default)]
pub(in crate::actors) struct Fitter {
    cropped: Cropped,
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
        self.cropped.forget();
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
        let wanted = common.wanted(frame);
        let (frame, part) = if wanted.is_of(frame) || !part.is_small(frame) {
            self.cropped.forget();
            (frame.clone(), part)
        } else {
            // What is not shown is not converted.
            self.cropped.of(frame, part)?
        };
        let frame = self.converted.of(&frame, wanted)?;
        if (part.width, part.height) == size {
            self.scaled.kept.forget();
            return Ok((frame, part.x, part.y));
        }
        let size = (pixels(size.0)?, pixels(size.1)?);
        Ok((self.scaled.of(&frame, part, size, self.largest)?, 0, 0))
    }
}

/// A length that a picture may have, or one that is refused as too long.
pub(super) fn pixels(length: usize) -> Result<u32> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::message::{Colorimetry, FieldOrder, PixelFormat};

    prop_compose! {
        fn picture()(
            format in prop::sample::select(PixelFormat::ALL),
            (width, height) in (1..60_u32, 1..40_u32),
            order in prop::sample::select(&[FieldOrder::Progressive, FieldOrder::TopFirst]),
            seed in any::<u64>(),
        ) -> VideoFrame {
            let mut frame = VideoFrame::new(format, width, height).expect("a possible size");
            let mut noise = seed | 1;
            for byte in frame.pixels_mut() {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                *byte = (noise >> 40) as u8;
            }
            frame.set_field_order(order);
            frame
        }
    }

    proptest! {
        #[test]
        fn a_crop_is_that_of_the_whole_and_the_rest_is_not_converted(
            frame in picture(),
            (x, y, width, height) in (0..60_usize, 0..40_usize, 1..60_usize, 1..40_usize),
        ) {
            let whole = Part::whole(&frame);
            let (x, y) = (x % whole.width, y % whole.height);
            let part = Part {
                x,
                y,
                width: width.min(whole.width - x),
                height: height.min(whole.height - y),
            };
            let common = Common {
                format: PixelFormat::Rgba8,
                colorimetry: Colorimetry::SRGB,
            };
            let wanted = common.wanted(&frame);
            let mut expected = VideoFrame::new(wanted.format, frame.width(), frame.height())?;
            expected.set_colorimetry(wanted.colorimetry);
            Converter::new().convert(&frame, &mut expected)?;

            let mut fitter = Fitter::default();
            let (fitted, x, y) = fitter.fit(&frame, part, (part.width, part.height), common)?;
            let bytes = wanted.format.channels();
            for row in 0..part.height {
                let of = |frame: &VideoFrame, x: usize, y: usize| {
                    let row = frame.row((y + row) as u32).unwrap_or_default();
                    row[x * bytes..][..part.width * bytes].to_vec()
                };
                prop_assert_eq!(of(&fitted, x, y), of(&expected, part.x, part.y));
            }
            if part.is_small(&frame) && !wanted.is_of(&frame) {
                // What is written together, at either end: six pixels of V210, and two rows of each field.
                let (width, height) = (fitted.width() as usize, fitted.height() as usize);
                let is_paired = !frame.field_order().is_interlaced() || whole.height.is_multiple_of(4);
                prop_assert!(width < part.width + 6, "{} for {}", width, part.width);
                prop_assert!(height < part.height + 7 || !is_paired, "{} for {}", height, part.height);
            }
            let (again, ..) = fitter.fit(&frame, part, (part.width, part.height), common)?;
            prop_assert!(again.shares_pixels_with(&fitted));
        }
    }
}
