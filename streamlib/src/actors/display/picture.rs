//! A picture to be shown: a frame whose pixels lie side by side, in one of the orders that can be painted.

use crate::actors::Converter;
use crate::message::{PixelFormat, VideoFrame};

/// Makes pictures of frames: one of another format becomes Bgra8 first.
#[derive(Default)]
pub(super) struct Pictures {
    converter: Option<Converter>,
    converted: VideoFrame,
}

impl Pictures {
    /// `None` when there is no pixel, or no memory to convert it in.
    pub(super) fn of<'a>(&'a mut self, frame: &'a VideoFrame) -> Option<Picture<'a>> {
        if frame.is_empty() || Picture::takes(frame.format()) {
            return Picture::new(frame);
        }
        let (width, height) = frame.dimensions();
        let converter = self.converter.get_or_insert_default();
        let converted = &mut self.converted;
        converted.reset(PixelFormat::Bgra8, width, height).ok()?;
        converter.convert(frame, converted).ok()?;
        converted.inherit(frame);
        Picture::new(converted)
    }
}

/// A frame of Rgb8, Rgba8, Bgra8 or Gray8 that is not empty.
#[derive(Clone, Copy)]
pub(super) struct Picture<'a> {
    frame: &'a VideoFrame,
}

impl<'a> Picture<'a> {
    /// `None` when there is no pixel, or the format has to be converted first.
    pub(super) fn new(frame: &'a VideoFrame) -> Option<Self> {
        (!frame.is_empty() && Self::takes(frame.format())).then_some(Self { frame })
    }

    /// Whether pictures of this format can be painted.
    pub(super) fn takes(format: PixelFormat) -> bool {
        format.is_rgb() || format == PixelFormat::Gray8
    }

    /// Width and height in pixels, neither of them 0.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.frame.width() as usize, self.frame.height() as usize)
    }

    pub(super) fn format(&self) -> PixelFormat {
        self.frame.format()
    }

    /// The frame itself.
    pub(super) fn frame(&self) -> &'a VideoFrame {
        self.frame
    }

    /// The bytes of row `y`.
    pub(super) fn row(&self, y: usize) -> &'a [u8] {
        self.frame.row(y as u32).unwrap_or_default()
    }

    /// The colour of a pixel, over black where it is not opaque.
    pub(super) fn rgb(&self, x: usize, y: usize) -> [u8; 3] {
        let channels = self.format().channels();
        match (self.format(), &self.row(y)[x * channels..][..channels]) {
            (PixelFormat::Bgra8, &[b, g, r, alpha]) | (_, &[r, g, b, alpha]) => {
                [r, g, b].map(|level| over_black(level, alpha))
            }
            (_, &[r, g, b]) => [r, g, b],
            (_, &[luma]) => [luma; 3],
            _ => [0; 3],
        }
    }
}

/// `level · alpha / 255`, to the nearest.
pub(super) fn over_black(level: u8, alpha: u8) -> u8 {
    let product = u16::from(level) * u16::from(alpha) + 128;
    ((product + (product >> 8)) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_painted_is_no_picture() {
        assert!(Picture::new(&VideoFrame::default()).is_none());
        for &format in PixelFormat::ALL {
            let frame = VideoFrame::new(format, 2, 2).unwrap();
            assert_eq!(
                Picture::new(&frame).is_some(),
                format.plane_count() == 1 && format.subsampling() == (1, 1)
            );
        }
    }

    #[test]
    fn every_format_can_be_shown() {
        let white = VideoFrame::from_pixels(PixelFormat::Rgb8, 6, 2, [255; 36]).unwrap();
        for &format in PixelFormat::ALL {
            let mut frame = VideoFrame::new(format, 6, 2).unwrap();
            Converter::new().convert(&white, &mut frame).unwrap();
            let mut pictures = Pictures::default();
            let picture = pictures.of(&frame).unwrap();
            assert_eq!(
                (picture.size(), picture.rgb(5, 1)),
                ((6, 2), [255; 3]),
                "{format}"
            );
        }
        assert!(Pictures::default().of(&VideoFrame::default()).is_none());
    }

    #[test]
    fn alpha_is_shown_over_black() {
        let rgba = VideoFrame::from_pixels(PixelFormat::Rgba8, 1, 1, [200, 100, 255, 128]).unwrap();
        assert_eq!(Picture::new(&rgba).unwrap().rgb(0, 0), [100, 50, 128]);
        let bgra = VideoFrame::from_pixels(PixelFormat::Bgra8, 1, 1, [255, 100, 200, 128]).unwrap();
        assert_eq!(Picture::new(&bgra).unwrap().rgb(0, 0), [100, 50, 128]);
        for level in 0..=255 {
            for alpha in 0..=255 {
                let exact = f64::from(level) * f64::from(alpha) / 255.0;
                assert_eq!(over_black(level, alpha), exact.round() as u8);
            }
        }
    }
}
