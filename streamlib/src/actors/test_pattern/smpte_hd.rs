//! SMPTE RP 219-1 colour bars for HD: where each patch lies, and its level.
//!
//! | rows | patches, left to right |
//! | --- | --- |
//! | upper 7/12 | grey 40 % in 1/8; seven bars at 75 % in 3/4; grey 40 % in 1/8 |
//! | 1/12 | cyan 100 %; −I in the first bar's place, grey 75 % in the others'; blue 100 % |
//! | 1/12 | yellow 100 %; +Q in the first bar's place, a ramp from black to white in the others'; red 100 % |
//! | lower 3/12 | grey 15 %; black, white 100 %, black, PLUGE of −2, 0, +2, 0 and +4 %, black; grey 15 % |
//!
//! Of what the practice leaves open, this has −I and +Q, as FFmpeg's `smptehdbars`. They are the colours of SMPTE EG 1, whose codes in
//! BT.709 are those of the practice (Y 244, Cb 612, Cr 395 and Y 141, Cb 697, Cr 606 of 10 bits). An edge lies at the nearest
//! even pixel, which for 1920 columns gives the widths of the practice: 240, 206, 206, 206, 204, 206, 206, 206, 240.

use super::canvas::{Canvas, even_edge};
use super::packing::{Rgb, grey};
use super::smpte::{BLACK, MINUS_I, PLUS_Q, WHITE, bars};

/// The width in parts of which edges are counted: a bar (3/4 · 1/7) is 18 of them, a side 21.
const PARTS: usize = 168;
const SIDE: usize = 21;
const BAR: usize = 18;

const CYAN: Rgb = [0.0, 1.0, 1.0];
const YELLOW: Rgb = [1.0, 1.0, 0.0];
const BLUE: Rgb = [0.0, 0.0, 1.0];
const RED: Rgb = [1.0, 0.0, 0.0];

/// The patches of the lowest rows between the sides, and where each ends.
const LOWER: [(Rgb, usize); 9] = [
    (BLACK, SIDE + 27),
    (WHITE, SIDE + 63),
    (BLACK, SIDE + 78),
    (grey(-0.02), SIDE + 84),
    (BLACK, SIDE + 90),
    (grey(0.02), SIDE + 96),
    (BLACK, SIDE + 102),
    (grey(0.04), SIDE + 108),
    (BLACK, SIDE + 126),
];

/// Paints the whole canvas.
pub(super) fn draw(canvas: &mut Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    let column = |part: usize| even_edge(width, part, PARTS);
    let [top, second, third] = [7, 8, 9].map(|part| even_edge(height, part, 12));
    let first_bar = (column(SIDE), column(SIDE + BAR), column(PARTS - SIDE));
    let (left, first, right) = first_bar;

    canvas.band(0..top, |row| {
        let side = grey(0.4);
        let [upper @ .., _] = bars(0.75);
        let bars = upper.into_iter().enumerate();
        let bars = bars.map(|(bar, colour)| (colour, column(SIDE + BAR * (bar + 1))));
        row.patches(
            [(side, left)]
                .into_iter()
                .chain(bars)
                .chain([(side, width)]),
        );
    });
    canvas.band(top..second, |row| {
        row.patches([
            (CYAN, left),
            (MINUS_I, first),
            (grey(0.75), right),
            (BLUE, width),
        ]);
    });
    canvas.band(second..third, |row| {
        row.patches([
            (YELLOW, left),
            (PLUS_Q, first),
            (BLACK, right),
            (RED, width),
        ]);
        let last = right.saturating_sub(first + 1).max(1);
        row.paint(first..right, |x| grey((x - first) as f32 / last as f32));
    });
    canvas.band(third..height, |row| {
        let side = grey(0.15);
        let lower = LOWER.map(|(colour, end)| (colour, column(end)));
        row.patches(
            [(side, left)]
                .into_iter()
                .chain(lower)
                .chain([(side, width)]),
        );
    });
}
