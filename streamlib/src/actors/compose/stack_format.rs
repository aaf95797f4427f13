//! What all pictures of a stack are converted to, and the result is in.

use super::Blend;
use crate::message::{Colorimetry, PixelFormat, VideoFrame};

/// What all pictures of a stack are converted to, and the result is in: Rgb8, Rgba8 or I420.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::actors) struct Common {
    pub format: PixelFormat,
    pub colorimetry: Colorimetry,
}

impl Common {
    /// What costs these pictures least. It depends on their formats and blend modes alone.
    pub fn of<'a>(pictures: impl Iterator<Item = (&'a VideoFrame, Blend)> + Clone) -> Self {
        let rgb = |format| Self {
            format,
            colorimetry: Colorimetry::SRGB,
        };
        let mut formats = pictures.clone().map(|(frame, _)| frame.format());
        if formats.all(|format| format == PixelFormat::Rgb8) {
            return rgb(PixelFormat::Rgb8); // also when there are none
        }
        // Adding and multiplying is meant of light, and not of luma and colour differences.
        let is_planar = |(frame, blend): (&VideoFrame, Blend)| {
            let format = frame.format();
            blend == Blend::Over && matches!(format, PixelFormat::I420 | PixelFormat::Nv12)
        };
        let first = pictures.clone().next();
        match first {
            Some((first, _)) if pictures.clone().all(is_planar) => Self {
                format: PixelFormat::I420,
                colorimetry: first.colorimetry(),
            },
            _ => rgb(PixelFormat::Rgba8),
        }
    }

    /// What `frame` is to become, which it may be already. Of Rgb8 and Rgba8 that is another of red, green and
    /// blue: opaque pictures become no larger than they need.
    pub fn wanted(self, frame: &VideoFrame) -> Self {
        let format = match frame.format() {
            _ if self.format == PixelFormat::I420 => PixelFormat::I420,
            format if format.is_rgb() => return Self { format, ..self },
            _ => PixelFormat::Rgb8,
        };
        Self { format, ..self }
    }

    /// Whether `frame` is in it. Of red, green and blue the range counts alone: they are laid as they are.
    pub fn is_of(self, frame: &VideoFrame) -> bool {
        let (given, wanted) = (frame.colorimetry(), self.colorimetry);
        let is_in_colorimetry = if self.format.is_rgb() {
            given.range == wanted.range
        } else {
            given == wanted
        };
        frame.format() == self.format && is_in_colorimetry
    }
}
