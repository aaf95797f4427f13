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
//! GStreamer's `smpte75` and FFmpeg's `smptebars` have the same bars. −I and +Q are subcarriers of 20 IRE on black, which have a
//! negative component. With the NTSC matrix they are (−0.191, 0.054, 0.221) and (0.124, −0.129, 0.341); the luma is
//! raised until the negative component is 0. FFmpeg does the same. −4 IRE lies below black: R'G'B' has no code
//! for it, and there it is black, as it is in GStreamer's and FFmpeg's RGB.

use super::canvas::{Canvas, edge};
use super::packing::{Rgb, grey};

pub(super) const BLACK: Rgb = grey(0.0);
pub(super) const WHITE: Rgb = grey(1.0);
pub(super) const MINUS_I: Rgb = [0.0, 0.24568, 0.41266];
pub(super) const PLUS_Q: Rgb = [0.25368, 0.0, 0.4704];

/// The eight colours of bars from white to black, with components of that level.
pub(super) const fn bars(level: f32) -> [Rgb; 8] {
    let (on, off) = (level, 0.0);
    [
        [on, on, on],
        [on, on, off],
        [off, on, on],
        [off, on, off],
        [on, off, on],
        [on, off, off],
        [off, off, on],
        [off, off, off],
    ]
}

const BARS: [Rgb; 8] = bars(0.75);
const CASTELLATIONS: [Rgb; 7] = [BARS[6], BLACK, BARS[4], BLACK, BARS[2], BLACK, BARS[0]];

/// The patches of the lower quarter, and where each ends in 1/84 of the width.
const LOWER: [(Rgb, usize); 8] = [
    (MINUS_I, 15),
    (WHITE, 30),
    (PLUS_Q, 45),
    (BLACK, 60),
    (grey(-0.04), 64),
    (BLACK, 68),
    (grey(0.04), 72),
    (BLACK, 84),
];

/// Paints the whole canvas.
pub(super) fn draw(canvas: &mut Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    let (bars_end, castellations_end) = (edge(height, 2, 3), edge(height, 3, 4));
    let sevenths = |colours: [Rgb; 7]| {
        let ends = (1..=7).map(move |seventh| edge(width, seventh, 7));
        colours.into_iter().zip(ends)
    };
    let [upper @ .., _] = BARS;
    canvas.band(0..bars_end, |row| row.patches(sevenths(upper)));
    canvas.band(bars_end..castellations_end, |row| {
        row.patches(sevenths(CASTELLATIONS));
    });
    canvas.band(castellations_end..height, |row| {
        row.patches(LOWER.map(|(colour, end)| (colour, edge(width, end, 84))));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minus_i_and_plus_q_come_from_the_ntsc_matrix() {
        let raised = |i: f64, q: f64| {
            let rgb = [
                0.9563 * i + 0.6210 * q,
                -0.2721 * i - 0.6474 * q,
                -1.1070 * i + 1.7046 * q,
            ];
            let lowest = rgb.iter().copied().fold(f64::INFINITY, f64::min);
            rgb.map(|component| component - lowest)
        };
        let is_near = |exact: [f64; 3], colour: Rgb| {
            let pairs = exact.into_iter().zip(colour);
            pairs
                .into_iter()
                .all(|(exact, level)| (exact - f64::from(level)).abs() < 1e-5)
        };
        assert!(is_near(raised(-0.2, 0.0), MINUS_I));
        assert!(is_near(raised(0.0, 0.2), PLUS_Q));
    }
}
