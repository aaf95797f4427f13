//! SMPTE EG 1-1990 colour bars at 75 %: where each patch lies, and its level.
//!
//! | rows | patches, left to right |
//! | --- | --- |
//! | upper 2/3 | seven bars of 1/7: grey, yellow, cyan, green, magenta, red, blue, all at 75 % |
//! | 2/3 to 3/4 | castellations of 1/7: blue, black, magenta, black, cyan, black, grey |
//! | lower 1/4 | −I, white 100 %, +Q, black, each of 5/28; PLUGE −4, 0, +4 IRE, each of 1/21; black 1/7 |
//!
//! An edge lies at the pixel nearest to its fraction of the picture.
//!
//! The levels are full-range R'G'B': black is 0, 100 % is 255, and so 75 % is 191 (191.25).
//! GStreamer's `smpte75` and FFmpeg's `smptebars` have the same bars. Three patches do not fit into
//! R'G'B' and are brought in as follows:
//!
//! - −I and +Q are subcarriers of 20 IRE on black, which have a negative component. With the NTSC
//!   matrix they are (−0.191, 0.054, 0.221) and (0.124, −0.129, 0.341); the luma is raised until
//!   the negative component is 0. FFmpeg does the same in its Y'CbCr.
//! - −4 IRE lies below black, where full range has no code: it is black here, as in GStreamer's and
//!   FFmpeg's RGB. +4 IRE is 4 % of 255: 10.

use super::canvas::{Canvas, Rgb, edge};

const GREY: Rgb = [191, 191, 191];
const YELLOW: Rgb = [191, 191, 0];
const CYAN: Rgb = [0, 191, 191];
const GREEN: Rgb = [0, 191, 0];
const MAGENTA: Rgb = [191, 0, 191];
const RED: Rgb = [191, 0, 0];
const BLUE: Rgb = [0, 0, 191];
const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
const MINUS_I: Rgb = [0, 63, 105];
const PLUS_Q: Rgb = [65, 0, 120];
const BELOW_BLACK: Rgb = BLACK;
const ABOVE_BLACK: Rgb = [10, 10, 10];

const BARS: [Rgb; 7] = [GREY, YELLOW, CYAN, GREEN, MAGENTA, RED, BLUE];
const CASTELLATIONS: [Rgb; 7] = [BLUE, BLACK, MAGENTA, BLACK, CYAN, BLACK, GREY];

/// The patches of the lower quarter with their widths in 1/84 of the picture's.
const LOWER: [(Rgb, usize); 8] = [
    (MINUS_I, 15),
    (WHITE, 15),
    (PLUS_Q, 15),
    (BLACK, 15),
    (BELOW_BLACK, 4),
    (BLACK, 4),
    (ABOVE_BLACK, 4),
    (BLACK, 12),
];
const LOWER_PARTS: usize = 84;

/// Paints the whole canvas.
pub(super) fn draw(canvas: &mut Canvas<'_>) {
    let height = canvas.height();
    let (bars_end, castellations_end) = (edge(height, 2, 3), edge(height, 3, 4));

    canvas.band(0..bars_end, |canvas, y| draw_sevenths(canvas, y, BARS));
    canvas.band(bars_end..castellations_end, |canvas, y| {
        draw_sevenths(canvas, y, CASTELLATIONS)
    });
    canvas.band(castellations_end..height, draw_lower);
}

fn draw_sevenths(canvas: &mut Canvas<'_>, y: usize, colours: [Rgb; 7]) {
    for (seventh, colour) in colours.into_iter().enumerate() {
        let columns = edge(canvas.width(), seventh, 7)..edge(canvas.width(), seventh + 1, 7);
        canvas.fill(y, columns, colour);
    }
}

fn draw_lower(canvas: &mut Canvas<'_>, y: usize) {
    let mut start = 0;
    for (colour, parts) in LOWER {
        let end = start + parts;
        let columns =
            edge(canvas.width(), start, LOWER_PARTS)..edge(canvas.width(), end, LOWER_PARTS);
        canvas.fill(y, columns, colour);
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_patches_fill_the_width() {
        assert_eq!(
            LOWER.iter().map(|(_, parts)| parts).sum::<usize>(),
            LOWER_PARTS
        );
    }

    #[test]
    fn minus_i_and_plus_q_come_from_the_ntsc_matrix() {
        let raised = |i: f64, q: f64| {
            let rgb = [
                0.9563 * i + 0.6210 * q,
                -0.2721 * i - 0.6474 * q,
                -1.1070 * i + 1.7046 * q,
            ];
            let lowest = rgb.iter().copied().fold(f64::INFINITY, f64::min);
            rgb.map(|component| ((component - lowest) * 255.0).round() as u8)
        };
        assert_eq!(raised(-0.2, 0.0), MINUS_I);
        assert_eq!(raised(0.0, 0.2), PLUS_Q);
    }

    #[test]
    fn every_pixel_of_any_size_is_painted() {
        for (width, height) in [(1, 1), (2, 3), (6, 5), (7, 4), (83, 11), (320, 180)] {
            let mut pixels = vec![77; width * height * 3];
            draw(&mut Canvas::new(&mut pixels, width, height, 3));
            assert!(!pixels.contains(&77), "{width}×{height}");
        }
    }
}
