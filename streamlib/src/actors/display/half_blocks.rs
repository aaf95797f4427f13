//! A picture as text: each character cell is an upper half block, two pixels in 24-bit colour.

use std::io::Write;

use super::fit::{Fit, Scaling};
use super::picture::Picture;

/// Points of the picture, a side, that are averaged for one pixel of the terminal.
const POINTS: usize = 4;

/// Writes into `out`, in place of what it held, what draws `picture` on a terminal of `columns` ×
/// `rows` cells from its upper left corner: scaled to fit, aspect kept (a cell counts as twice as
/// high as wide), in the middle, black around it.
pub(super) fn render(picture: Picture<'_>, columns: usize, rows: usize, out: &mut Vec<u8>) {
    out.clear();
    let aspect = picture.frame().pixel_aspect();
    let fit = Fit::new(picture.size(), aspect, (columns, rows * 2), Scaling::Fit);
    for row in 0..rows {
        // Writing to a Vec cannot fail.
        let _ = write!(out, "\x1b[{};1H", row + 1);
        let mut colours = None;
        for column in 0..columns {
            let pair = [row * 2, row * 2 + 1].map(|y| pixel(picture, fit, column, y));
            let [[r, g, b], [below_r, below_g, below_b]] = pair;
            if colours != Some(pair) {
                let _ = write!(
                    out,
                    "\x1b[38;2;{r};{g};{b};48;2;{below_r};{below_g};{below_b}m"
                );
                colours = Some(pair);
            }
            out.extend_from_slice("▀".as_bytes());
        }
        out.extend_from_slice(b"\x1b[0m");
    }
}

/// The colour at `(x, y)` of the terminal, counted in half cells.
fn pixel(picture: Picture<'_>, fit: Fit, x: usize, y: usize) -> [u8; 3] {
    if !fit.columns().contains(&x) || !fit.rows().contains(&y) {
        return [0; 3];
    }
    let ((width, height), (shown_width, shown_height)) = (picture.size(), fit.size());
    let (x, y) = (x - fit.columns().start, y - fit.rows().start);
    let mut sums = [0; 3];
    for point_y in 0..POINTS {
        for point_x in 0..POINTS {
            let source_x = point(x, point_x, width, shown_width);
            let source_y = point(y, point_y, height, shown_height);
            for (sum, level) in sums.iter_mut().zip(picture.rgb(source_x, source_y)) {
                *sum += usize::from(level);
            }
        }
    }
    let points = POINTS * POINTS;
    sums.map(|sum| ((sum + points / 2) / points) as u8)
}

/// Point `number` of [`POINTS`] in the part of `length` source pixels that pixel `at` of `shown` covers.
fn point(at: usize, number: usize, length: usize, shown: usize) -> usize {
    (2 * (at * POINTS + number) + 1) * length / (2 * POINTS * shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{PixelFormat, VideoFrame};

    fn text(pixels: &[u8], size: (usize, usize), columns: usize, rows: usize) -> String {
        let mut out = b"old".to_vec();
        let size = (size.0 as u32, size.1 as u32);
        let frame = VideoFrame::from_pixels(PixelFormat::Rgb8, size.0, size.1, pixels).unwrap();
        render(Picture::new(&frame).unwrap(), columns, rows, &mut out);
        String::from_utf8(out).unwrap().replace('\x1b', "^")
    }

    #[test]
    fn a_cell_holds_two_pixels() {
        assert_eq!(
            text(&[1, 2, 3, 4, 5, 6], (1, 2), 1, 1),
            "^[1;1H^[38;2;1;2;3;48;2;4;5;6m▀^[0m"
        );
    }

    #[test]
    fn a_colour_is_said_once_as_long_as_it_lasts() {
        let pixels = [[9; 3]; 8].concat();
        assert_eq!(
            text(&pixels, (4, 2), 4, 1),
            "^[1;1H^[38;2;9;9;9;48;2;9;9;9m▀▀▀▀^[0m"
        );
    }

    #[test]
    fn aspect_is_kept_with_black_around() {
        let pixels = [[9; 3]; 4].concat();
        assert_eq!(
            text(&pixels, (2, 2), 4, 1),
            "^[1;1H^[38;2;0;0;0;48;2;0;0;0m▀^[38;2;9;9;9;48;2;9;9;9m▀▀^[38;2;0;0;0;48;2;0;0;0m▀^[0m"
        );
    }

    #[test]
    fn a_large_picture_is_averaged() {
        let pixels: Vec<u8> = (0..8 * 8).flat_map(|at| [(at % 2) * 200; 3]).collect();
        assert_eq!(
            text(&pixels, (8, 8), 2, 1).matches("100;100;100").count(),
            2
        );
    }

    #[test]
    fn any_size_can_be_drawn() {
        for (columns, rows) in [(0, 0), (0, 3), (3, 0), (1, 1), (200, 60)] {
            for size in [(1, 1), (1, 50), (50, 1)] {
                text(&vec![5; size.0 * size.1 * 3], size, columns, rows);
            }
        }
    }
}
