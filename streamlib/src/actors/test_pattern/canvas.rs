//! The pixels that a pattern is painted on: rows of 8-bit RGB, or of RGBA with full alpha.

use std::ops::Range;

/// A colour as 8-bit full-range R'G'B': 0 is black, 255 is 100 % of the component.
pub(super) type Rgb = [u8; 3];

/// A packed picture: `height` rows of `width` pixels of `channels` (3 or 4) bytes.
pub(super) struct Canvas<'a> {
    pixels: &'a mut [u8],
    width: usize,
    height: usize,
    channels: usize,
}

impl<'a> Canvas<'a> {
    /// `pixels` holds `width × height × channels` bytes; what lies outside of them is not painted.
    pub(super) fn new(pixels: &'a mut [u8], width: usize, height: usize, channels: usize) -> Self {
        debug_assert_eq!(pixels.len(), width * height * channels);
        Self {
            pixels,
            width,
            height,
            channels,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// Gives the pixels `columns` of row `y` one colour.
    pub(super) fn fill(&mut self, y: usize, columns: Range<usize>, colour: Rgb) {
        self.paint(y, columns, |_| colour);
    }

    /// Gives each pixel `x` of `columns` of row `y` the colour that `colour_at(x)` says.
    pub(super) fn paint(
        &mut self,
        y: usize,
        columns: Range<usize>,
        colour_at: impl Fn(usize) -> Rgb,
    ) {
        let channels = self.channels;
        let row = self.row_range(y);
        let row = &mut self.pixels[row][columns.start * channels..columns.end * channels];
        for (pixel, x) in row.chunks_exact_mut(channels).zip(columns) {
            let (rgb, alpha) = pixel.split_at_mut(3);
            rgb.copy_from_slice(&colour_at(x));
            alpha.fill(u8::MAX);
        }
    }

    /// Copies row `source` into each of `rows`, which lie below it.
    pub(super) fn repeat(&mut self, source: usize, rows: Range<usize>) {
        if rows.is_empty() {
            return;
        }
        let source = self.row_range(source);
        let below = rows.start * source.len()..rows.end * source.len();
        let (above, rest) = self.pixels.split_at_mut(below.start);
        let row = &above[source.clone()];
        for target in rest[..below.len()].chunks_exact_mut(row.len()) {
            target.copy_from_slice(row);
        }
    }

    /// Paints `rows` alike: `paint_first` paints the first of them, and the others are copies.
    pub(super) fn band(&mut self, rows: Range<usize>, paint_first: impl FnOnce(&mut Self, usize)) {
        if let Some(first) = rows.clone().next() {
            paint_first(self, first);
            self.repeat(first, first + 1..rows.end);
        }
    }

    fn row_range(&self, y: usize) -> Range<usize> {
        let stride = self.width * self.channels;
        y * stride..(y + 1) * stride
    }
}

/// The pixel at which `part` of `whole` equal parts of `length` pixels have passed, to the nearest.
pub(super) fn edge(length: usize, part: usize, whole: usize) -> usize {
    (2 * length * part + whole) / (2 * whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_to_the_nearest_pixel_and_end_at_the_ends() {
        let edges: Vec<usize> = (0..=7).map(|part| edge(1920, part, 7)).collect();
        assert_eq!(edges, [0, 274, 549, 823, 1097, 1371, 1646, 1920]);
        assert_eq!(edge(1, 0, 7), 0);
        assert_eq!(edge(1, 7, 7), 1);
    }

    #[test]
    fn paints_alpha_only_where_there_is_one() {
        let mut rgb = [9; 6];
        Canvas::new(&mut rgb, 2, 1, 3).fill(0, 1..2, [1, 2, 3]);
        assert_eq!(rgb, [9, 9, 9, 1, 2, 3]);

        let mut rgba = [9; 8];
        Canvas::new(&mut rgba, 2, 1, 4).fill(0, 1..2, [1, 2, 3]);
        assert_eq!(rgba, [9, 9, 9, 9, 1, 2, 3, 255]);
    }

    #[test]
    fn a_band_repeats_its_first_row() {
        let mut pixels = [0; 4 * 3];
        let mut canvas = Canvas::new(&mut pixels, 1, 4, 3);
        canvas.band(1..3, |canvas, y| canvas.fill(y, 0..1, [7, 8, 9]));
        canvas.band(4..4, |_, _| unreachable!("an empty band has no row"));
        assert_eq!(pixels, [0, 0, 0, 7, 8, 9, 7, 8, 9, 0, 0, 0]);
    }
}
