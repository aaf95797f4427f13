//! Turns a picture into the window's pixels: `0x00RRGGBB` each, scaled to the window, aspect kept.

use super::fit::Fit;
use super::picture::{Picture, over_black};

/// The window's pixels, and what is kept from frame to frame to fill them fast.
#[derive(Default)]
pub(super) struct Painting {
    pixels: Vec<u32>,
    size: (usize, usize),
    /// For each shown column, the byte of a picture's row at which its pixel starts.
    columns: Vec<usize>,
}

impl Painting {
    /// The pixels, row by row.
    pub(super) fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    pub(super) fn pixels_mut(&mut self) -> &mut [u32] {
        &mut self.pixels
    }

    /// Width and height.
    pub(super) fn size(&self) -> (usize, usize) {
        self.size
    }

    /// Makes the painting `window` (width, height) large and all black.
    pub(super) fn clear(&mut self, window: (usize, usize)) {
        self.size = window;
        self.pixels.clear();
        self.pixels.resize(window.0 * window.1, 0);
    }

    /// Paints `picture` for a `window` of that width and height; what it leaves free is black.
    /// Allocates only when the window has become larger.
    pub(super) fn paint(&mut self, picture: Picture<'_>, window: (usize, usize)) -> Fit {
        let fit = Fit::new(picture.size(), window);
        if self.size != window || (fit.width, fit.height) != window {
            self.clear(window);
        }
        if self.pixels.is_empty() {
            return fit;
        }
        self.columns.clear();
        self.columns
            .extend((0..fit.width).map(|x| fit.source_x(x) * picture.channels()));

        let mut painted: Option<(usize, usize)> = None; // a row of the picture, and where it is
        for y in 0..fit.height {
            let source = fit.source_y(y);
            let start = (fit.top + y) * window.0 + fit.left;
            match painted {
                Some((row, at)) if row == source => {
                    self.pixels.copy_within(at..at + fit.width, start);
                }
                _ => {
                    let target = &mut self.pixels[start..][..fit.width];
                    if fit.is_exact() {
                        paint_row(target, picture.row(source), picture.channels());
                    } else {
                        sample_row(
                            target,
                            picture.row(source),
                            &self.columns,
                            picture.channels(),
                        );
                    }
                    painted = Some((source, start));
                }
            }
        }
        fit
    }
}

/// Pixel for pixel.
fn paint_row(target: &mut [u32], row: &[u8], channels: usize) {
    if channels == 4 {
        for (target, &pixel) in target.iter_mut().zip(row.as_chunks().0) {
            *target = rgba(pixel);
        }
    } else {
        // Four pixels from three words: loading the bytes one by one takes twice the time.
        let (fours, rest) = target.as_chunks_mut::<4>();
        let (bytes, rest_bytes) = row.as_chunks::<12>();
        for (four, bytes) in fours.iter_mut().zip(bytes) {
            let word = |at: usize| {
                u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
            };
            *four = [
                word(0) >> 8,
                word(3) >> 8,
                word(6) >> 8,
                word(8) & 0xFF_FFFF,
            ];
        }
        for (target, &[r, g, b]) in rest.iter_mut().zip(rest_bytes.as_chunks().0) {
            *target = u32::from_be_bytes([0, r, g, b]);
        }
    }
}

/// The pixel that starts at byte `columns[x]`, for each x.
fn sample_row(target: &mut [u32], row: &[u8], columns: &[usize], channels: usize) {
    for (target, &column) in target.iter_mut().zip(columns) {
        *target = match row[column..column + channels] {
            [r, g, b] => u32::from_be_bytes([0, r, g, b]),
            [r, g, b, alpha] => rgba([r, g, b, alpha]),
            _ => 0,
        };
    }
}

fn rgba(pixel: [u8; 4]) -> u32 {
    let word = u32::from_be_bytes(pixel);
    if word & 0xFF == 0xFF {
        word >> 8
    } else {
        translucent(pixel)
    }
}

/// Out of the way of the loop, most of whose pixels are opaque.
#[cold]
fn translucent([r, g, b, alpha]: [u8; 4]) -> u32 {
    u32::from_be_bytes([
        0,
        over_black(r, alpha),
        over_black(g, alpha),
        over_black(b, alpha),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paints_pixel_for_pixel() {
        let mut painting = Painting::default();
        let bytes: Vec<u8> = (1..=18).collect();
        let picture = Picture::new(&bytes, 6, 1, 3).unwrap();
        painting.paint(picture, (6, 1));
        let expected = [0x010203, 0x040506, 0x070809, 0x0A0B0C, 0x0D0E0F, 0x101112];
        assert_eq!(painting.pixels(), expected);

        let picture = Picture::new(&[255, 255, 0, 255, 255, 255, 255, 0], 2, 1, 4).unwrap();
        painting.paint(picture, (2, 1));
        assert_eq!(painting.pixels(), [0xFFFF00, 0]);
    }

    #[test]
    fn scales_and_leaves_the_rest_black() {
        let mut painting = Painting::default();
        let picture = Picture::new(&[1, 1, 1, 2, 2, 2], 2, 1, 3).unwrap();
        painting.paint(picture, (4, 4));
        let (one, two) = (0x010101, 0x020202);
        let rows: Vec<&[u32]> = painting.pixels().chunks(4).collect();
        assert_eq!(
            rows,
            [
                &[0; 4],
                &[one, one, two, two],
                &[one, one, two, two],
                &[0; 4]
            ]
        );

        let wide = Picture::new(&[9; 8 * 2 * 3], 8, 2, 3).unwrap();
        painting.paint(wide, (4, 4));
        assert_eq!(
            painting.pixels()[..4],
            [0; 4],
            "what lay there before is gone"
        );
    }

    #[test]
    fn a_window_without_pixels_is_no_trouble() {
        let picture = Picture::new(&[1; 3], 1, 1, 3).unwrap();
        for window in [(0, 0), (0, 5), (5, 0)] {
            Painting::default().paint(picture, window);
        }
    }
}
