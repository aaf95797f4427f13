//! Whether a picture hides all that is under it: known of the last one, as long as that comes again.

use crate::message::VideoFrame;

/// How many bytes of a row are looked at together.
const LOOK: usize = 1024;

/// Pixels that are looked at before all others are so many steps a side apart.
const STEPS: usize = 4;

/// Whether all of these pixels of four bytes have an alpha of 255.
pub(super) fn are_opaque(pixels: &[u8]) -> bool {
    pixels.chunks(LOOK).all(|pixels| {
        let pixels = pixels.as_chunks::<4>().0.iter();
        let all = pixels.fold(u32::MAX, |all, pixel| all & u32::from_le_bytes(*pixel));
        all >> 24 == 0xFF
    })
}

/// The last picture that was looked through, and what was found.
///
/// While it is held its memory is not written to by anybody, so that the same memory is the same picture.
#[derive(Debug, Default)]
pub(super) struct Opaque {
    seen: VideoFrame,
    is_opaque: bool,
    /// Column and row of a pixel that was not opaque in the last picture that had one: in the next it often is not either.
    clear: Option<(usize, usize)>,
}

impl Opaque {
    /// Whether no pixel of `frame` is clear, not even a little.
    pub fn is(&mut self, frame: &VideoFrame) -> bool {
        if !frame.format().has_alpha() {
            self.forget();
            return true;
        }
        if !self.seen.shows_the_same_as(frame) {
            let found = self.found_clear(frame);
            self.is_opaque = found.is_none();
            self.clear = found.or(self.clear);
            self.seen = frame.clone();
        }
        self.is_opaque
    }

    /// Whether that was found of `frame`, and of none that was there before it.
    pub fn is_known(&self, frame: &VideoFrame) -> bool {
        self.is_opaque && self.seen.shows_the_same_as(frame)
    }

    /// Lets go of the last picture: it is not asked for any more.
    pub fn forget(&mut self) {
        self.seen = VideoFrame::default();
    }

    /// Column and row of a pixel that is not opaque. Pictures that are not, mostly are not in many places.
    fn found_clear(&self, frame: &VideoFrame) -> Option<(usize, usize)> {
        let last = (frame.width() as usize - 1, frame.height() as usize - 1);
        let places = (0..=STEPS).flat_map(|down| (0..=STEPS).map(move |right| (right, down)));
        let places = places.map(|(right, down)| (last.0 * right / STEPS, last.1 * down / STEPS));
        let is_clear = |&(x, y): &(usize, usize)| {
            let pixel = frame
                .row(y as u32)
                .and_then(|row| row.get(x * 4..)?.first_chunk());
            pixel.is_some_and(|pixel: &[u8; 4]| pixel[3] != u8::MAX)
        };
        let mut likely = self.clear.into_iter().chain(places);
        likely.find(is_clear).or_else(|| {
            let (y, row) = frame.rows().enumerate().find(|(_, row)| !are_opaque(row))?;
            let x = row.chunks_exact(4).position(|pixel| pixel[3] != u8::MAX)?;
            Some((x, y))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Result;
    use crate::message::PixelFormat;

    /// An opaque picture with gaps between its rows, in which nothing counts.
    fn opaque(format: PixelFormat, width: u32, height: u32) -> Result<VideoFrame> {
        let mut frame = VideoFrame::default();
        frame.reset_with_strides(format, width, height, &[width as usize * 4 + 12])?;
        frame.pixels_mut().fill(0);
        for row in frame.rows_mut() {
            row.chunks_exact_mut(4).for_each(|pixel| pixel[3] = 255);
        }
        Ok(frame)
    }

    #[test]
    fn one_pixel_that_is_clear_is_found_wherever_it_is() -> Result<()> {
        for format in [PixelFormat::Rgba8, PixelFormat::Bgra8] {
            for (width, height) in [(1, 1), (1, 7), (300, 3), (513, 2)] {
                let mut known = Opaque::default();
                assert!(known.is(&opaque(format, width, height)?));
                let pixels = (width * height) as usize;
                for at in (0..pixels).rev().step_by(7).chain([0]) {
                    let mut frame = opaque(format, width, height)?;
                    let (x, y) = (at % width as usize, at / width as usize);
                    let row = frame.rows_mut().nth(y).expect("a row");
                    row[x * 4 + 3] = 254;
                    assert!(!known.is(&frame), "{format} {width}×{height}: {x}, {y}");
                    assert_eq!(known.clear, Some((x, y)));
                    assert!(known.is(&opaque(format, width, height)?));
                }
            }
        }
        Ok(())
    }

    #[test]
    fn a_picture_is_looked_through_once_and_let_go() -> Result<()> {
        let mut known = Opaque::default();
        let frame = opaque(PixelFormat::Rgba8, 8, 8)?;
        assert!(known.is(&frame) && known.is(&frame.clone()));
        assert!(known.is_known(&frame) && !known.is_known(&opaque(PixelFormat::Rgba8, 8, 8)?));
        known.forget();
        assert!(!known.is_known(&frame) && !frame.is_shared());
        assert!(known.is(&VideoFrame::new(PixelFormat::Rgb8, 8, 8)?));
        Ok(())
    }

    #[test]
    fn the_next_picture_may_be_smaller() -> Result<()> {
        let mut known = Opaque::default();
        let mut large = opaque(PixelFormat::Rgba8, 100, 90)?;
        large.rows_mut().nth(88).expect("a row")[4 * 98 + 3] = 0;
        assert!(!known.is(&large));
        assert!(known.is(&opaque(PixelFormat::Rgba8, 2, 2)?));
        assert!(!known.is(&large));
        Ok(())
    }
}
