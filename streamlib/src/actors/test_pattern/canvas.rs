//! The frame that a pattern is painted on, band by band, in whatever format it has.

use std::ops::Range;

use super::packing::{Packing, Rgb, chroma_code, chroma_codes};
use crate::message::{PixelFormat, VideoFrame};

/// Memory for one row, used again from picture to picture.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    row: Vec<Rgb>,
    bytes: Vec<u8>,
    chroma: Vec<[f32; 2]>,
    /// The colour differences of an even row whose neighbour looks different.
    above: Vec<[f32; 2]>,
}

/// A part of a frame: `height` rows of `width` pixels.
///
/// It is painted in bands from the top down. A band is one row, painted once and repeated.
pub(super) struct Canvas<'a> {
    frame: &'a mut VideoFrame,
    scratch: &'a mut Scratch,
    packing: Packing,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl<'a> Canvas<'a> {
    /// All of a frame.
    pub fn new(frame: &'a mut VideoFrame, scratch: &'a mut Scratch) -> Self {
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        Self::part(frame, scratch, (0, 0), (width, height))
    }

    /// A part of a frame. It begins at a multiple of 12 columns and of 2 rows, and is so large, or reaches to the
    /// end: every format has whole groups of pixels in it.
    pub fn part(
        frame: &'a mut VideoFrame,
        scratch: &'a mut Scratch,
        (left, top): (usize, usize),
        (width, height): (usize, usize),
    ) -> Self {
        debug_assert!(left.is_multiple_of(12) && top.is_multiple_of(2));
        scratch.row.clear();
        scratch.row.resize(width, [0.0; 3]);
        scratch.bytes.clear();
        scratch.bytes.reserve(width + 1);
        // Which of them are needed depends on where bands begin: no later picture is to find them missing.
        let pairs = width.div_ceil(2);
        for chroma in [&mut scratch.chroma, &mut scratch.above] {
            chroma.reserve(pairs.saturating_sub(chroma.len()));
        }
        Self {
            packing: Packing::of(frame),
            frame,
            scratch,
            left,
            top,
            width,
            height,
        }
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn height(&self) -> usize {
        self.height
    }

    /// Gives all of `rows` the row that `paint` paints. The bands of a picture come one after the other and leave none
    /// out; an empty one is not painted.
    pub fn band(&mut self, rows: Range<usize>, paint: impl FnOnce(&mut Row<'_>)) {
        if rows.is_empty() {
            return;
        }
        paint(&mut Row(&mut self.scratch.row));
        let Scratch {
            row, bytes, chroma, ..
        } = &mut *self.scratch;
        self.packing.pack(row, bytes, chroma);

        let offset = self.packing.offset(self.left);
        let to = offset..offset + self.scratch.bytes.len();
        let lines = self.frame.rows_mut().skip(self.top + rows.start);
        for line in lines.take(rows.len()) {
            line[to.clone()].copy_from_slice(&self.scratch.bytes);
        }
        if matches!(self.packing.format, PixelFormat::I420 | PixelFormat::Nv12) {
            self.chroma(rows);
        }
    }

    /// Writes the chroma of 4:2:0: a row for two rows of the picture, or the mean of two that differ.
    fn chroma(&mut self, rows: Range<usize>) {
        let mut first = rows.start;
        if first % 2 == 1 {
            for (ours, above) in self.scratch.above.iter_mut().zip(&self.scratch.chroma) {
                *ours = [0, 1].map(|index| (ours[index] + above[index]) / 2.0);
            }
            std::mem::swap(&mut self.scratch.above, &mut self.scratch.chroma);
            self.chroma_rows(first / 2..first / 2 + 1);
            std::mem::swap(&mut self.scratch.above, &mut self.scratch.chroma);
            first += 1;
        }
        // The last row of an odd picture has its chroma for itself.
        let whole = if rows.end == self.height {
            rows.end.div_ceil(2)
        } else {
            rows.end / 2
        };
        if first / 2 < whole {
            self.chroma_rows(first / 2..whole);
        }
        if rows.end % 2 == 1 {
            self.scratch.above.clone_from(&self.scratch.chroma);
        }
    }

    fn chroma_rows(&mut self, rows: Range<usize>) {
        let Scratch { bytes, chroma, .. } = &mut *self.scratch;
        let planar = self.packing.format == PixelFormat::I420;
        let left = if planar { self.left / 2 } else { self.left };
        for (index, mut plane) in self.frame.planes_mut().skip(1).enumerate() {
            bytes.clear();
            if planar {
                bytes.extend(chroma_codes(chroma.iter().map(|chroma| chroma[index])));
            } else {
                bytes.extend(chroma.iter().flat_map(|chroma| chroma.map(chroma_code)));
            }
            for y in rows.clone() {
                if let Some(line) = plane.row_mut(self.top / 2 + y) {
                    line[left..left + bytes.len()].copy_from_slice(bytes);
                }
            }
        }
    }
}

/// The row that a band is made of. What is not painted is what the band before had.
pub(super) struct Row<'a>(&'a mut [Rgb]);

impl Row<'_> {
    /// Gives the pixels `columns` one colour.
    pub fn fill(&mut self, columns: Range<usize>, colour: Rgb) {
        self.0[columns].fill(colour);
    }

    /// Gives each pixel `x` of `columns` the colour that `colour_at(x)` says.
    pub fn paint(&mut self, columns: Range<usize>, mut colour_at: impl FnMut(usize) -> Rgb) {
        for (pixel, x) in self.0[columns.clone()].iter_mut().zip(columns) {
            *pixel = colour_at(x);
        }
    }

    /// Paints patches one beside the other, each up to the edge that stands with it.
    pub fn patches(&mut self, patches: impl IntoIterator<Item = (Rgb, usize)>) {
        let mut start = 0;
        for (colour, end) in patches {
            let end = end.min(self.0.len());
            if start < end {
                self.fill(start..end, colour);
                start = end;
            }
        }
    }
}

/// The pixel at which `part` of `whole` equal parts of `length` pixels have passed, to the nearest.
pub(super) fn edge(length: usize, part: usize, whole: usize) -> usize {
    (2 * length * part + whole) / (2 * whole)
}

/// The same to the nearest pixel of even number, where two pixels share a colour; the end of the picture stays.
pub(super) fn even_edge(length: usize, part: usize, whole: usize) -> usize {
    if part == whole {
        return length;
    }
    (length * part + whole) / (2 * whole) * 2
}

#[cfg(test)]
mod tests {
    use super::super::packing::grey;
    use super::*;

    #[test]
    fn edges_are_to_the_nearest_pixel_and_end_at_the_ends() {
        let edges: Vec<usize> = (0..=7).map(|part| edge(1920, part, 7)).collect();
        assert_eq!(edges, [0, 274, 549, 823, 1097, 1371, 1646, 1920]);
        assert_eq!(edge(1, 0, 7), 0);
        assert_eq!(edge(1, 7, 7), 1);
        assert_eq!([0, 1, 7].map(|part| even_edge(101, part, 7)), [0, 14, 101]);
    }

    #[test]
    fn a_band_repeats_its_row_and_an_empty_one_is_not_painted() {
        let mut frame = VideoFrame::from_pixels(PixelFormat::Rgb8, 1, 4, [9; 12]).unwrap();
        let mut scratch = Scratch::default();
        let mut canvas = Canvas::new(&mut frame, &mut scratch);
        canvas.band(1..3, |row| row.fill(0..1, grey(1.0)));
        canvas.band(4..4, |_| unreachable!("an empty band has no row"));
        assert_eq!(
            frame.pixels(),
            [9, 9, 9, 255, 255, 255, 255, 255, 255, 9, 9, 9]
        );
    }

    #[test]
    fn chroma_that_two_bands_share_is_their_mean() {
        let (red, blue) = ([1.0, 0.0, 0.0], [0.0, 0.0, 1.0]);
        for format in [PixelFormat::I420, PixelFormat::Nv12] {
            let mut frame = VideoFrame::new(format, 2, 5).unwrap();
            let mut scratch = Scratch::default();
            let mut canvas = Canvas::new(&mut frame, &mut scratch);
            canvas.band(0..3, |row| row.fill(0..2, red));
            canvas.band(3..5, |row| row.fill(0..2, blue));
            let differences: Vec<u8> = match format {
                PixelFormat::I420 => frame.planes().nth(1).unwrap().bytes().to_vec(),
                _ => frame
                    .planes()
                    .nth(1)
                    .unwrap()
                    .bytes()
                    .iter()
                    .copied()
                    .step_by(2)
                    .collect(),
            };
            assert_eq!(differences, [90, 165, 240], "{format}"); // BT.601
        }
    }

    #[test]
    fn a_part_leaves_the_rest_alone() {
        for &format in PixelFormat::ALL {
            let mut frame = VideoFrame::new(format, 37, 9).unwrap();
            frame.pixels_mut().fill(77);
            let mut scratch = Scratch::default();
            let mut canvas = Canvas::part(&mut frame, &mut scratch, (12, 2), (12, 4));
            canvas.band(0..4, |row| row.fill(0..12, grey(1.0)));
            for (index, plane) in frame.planes().enumerate() {
                let inside = if index == 0 { 2..6 } else { 1..3 };
                for (y, row) in plane.rows().enumerate() {
                    let painted = row.iter().filter(|&&byte| byte != 77).count();
                    let third = plane.row_len() / 3;
                    let expected = if inside.contains(&y) {
                        third - 6..third + 4
                    } else {
                        0..1
                    };
                    assert!(
                        expected.contains(&painted),
                        "{format}, plane {index}, row {y}: {painted}"
                    );
                    assert_eq!((row[0], row[row.len() - 1]), (77, 77));
                }
            }
        }
    }
}
