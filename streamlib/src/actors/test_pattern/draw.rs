//! How the patterns are painted that are no standard's.

use std::f64::consts::PI;

use super::canvas::{Canvas, edge, even_edge};
use super::packing::{Rgb, grey};
use super::smpte::{self, BLACK, WHITE};

pub(super) fn plain(canvas: &mut Canvas<'_>, colour: Rgb) {
    let (width, height) = (canvas.width(), canvas.height());
    canvas.band(0..height, |row| row.fill(0..width, colour));
}

pub(super) fn bars(canvas: &mut Canvas<'_>, white: f32, colours: f32) {
    let (width, height) = (canvas.width(), canvas.height());
    let mut bars = smpte::bars(colours);
    bars[0] = grey(white);
    canvas.band(0..height, |row| {
        let ends = (1..=8).map(|eighth| even_edge(width, eighth, 8));
        row.patches(bars.into_iter().zip(ends));
    });
}

pub(super) fn gradient(canvas: &mut Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    let last = (width - 1).max(1) as f32;
    canvas.band(0..height, |row| {
        row.paint(0..width, |x| grey(x as f32 / last));
    });
}

pub(super) fn checkerboard(canvas: &mut Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    let side = width.min(height).div_ceil(8);
    for (square, top) in (0..height).step_by(side).enumerate() {
        canvas.band(top..(top + side).min(height), |row| {
            row.paint(0..width, |x| {
                if (x / side + square).is_multiple_of(2) {
                    WHITE
                } else {
                    BLACK
                }
            });
        });
    }
}

pub(super) fn zone_plate(canvas: &mut Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    let from_middle = |at: usize, length: usize| at as f64 + 0.5 - length as f64 / 2.0;
    let longer = width.max(height) as f64;
    for y in 0..height {
        let down = from_middle(y, height).powi(2);
        canvas.band(y..y + 1, |row| {
            row.paint(0..width, |x| {
                let phase = (from_middle(x, width).powi(2) + down) * PI / longer;
                grey((0.5 + 0.5 * phase.cos()) as f32)
            });
        });
    }
}

/// Where the moving box is: its left and upper edge, and how wide it is.
pub(in crate::actors) fn box_in(
    (width, height): (usize, usize),
    frame_number: u64,
) -> (usize, usize, usize) {
    let side = edge(width.min(height), 1, 4).max(1);
    let left = bounce(frame_number, (width / 120).max(1), width - side);
    let top = bounce(frame_number, (height / 180).max(1), height - side);
    (left, top, side)
}

pub(super) fn moving_box(canvas: &mut Canvas<'_>, frame_number: u64) {
    let (width, height) = (canvas.width(), canvas.height());
    let (left, top, side) = box_in((width, height), frame_number);

    canvas.band(0..top, |row| row.fill(0..width, BLACK));
    canvas.band(top..top + side, |row| {
        row.patches([(BLACK, left), (WHITE, left + side), (BLACK, width)]);
    });
    canvas.band(top + side..height, |row| row.fill(0..width, BLACK));
}

/// The periods of the bursts, in pixels.
const BURSTS: [f64; 6] = [32.0, 16.0, 10.0, 8.0, 6.0, 4.0];

pub(super) fn multiburst(canvas: &mut Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    canvas.band(0..height, |row| {
        row.patches([
            (WHITE, edge(width, 1, 14)),
            (BLACK, edge(width, 2, 14)),
            (grey(0.5), width),
        ]);
        for (index, period) in BURSTS.into_iter().enumerate() {
            let part = 2 * (index + 1);
            let start = edge(width, part, 14);
            row.paint(start..edge(width, part + 2, 14), |x| {
                let turns = ((x - start) as f64 + 0.5) / period;
                grey((0.5 + 0.25 * (2.0 * PI * turns).sin()) as f32)
            });
        }
    });
}

pub(super) fn noise(canvas: &mut Canvas<'_>, frame_number: u64) {
    let (width, height) = (canvas.width(), canvas.height());
    let mut random = Random(frame_number);
    for y in 0..height {
        canvas.band(y..y + 1, |row| {
            let mut bytes = [0; 8];
            row.paint(0..width, |x| {
                if x % 8 == 0 {
                    bytes = random.next().to_le_bytes();
                }
                grey(f32::from(bytes[x % 8]) / 255.0)
            });
        });
    }
}

/// SplitMix64, by Steele, Lea and Flood: good enough to be looked at, and quick.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

/// Where something is that has gone `steps` steps of `step` to and fro between 0 and `span`.
fn bounce(steps: u64, step: usize, span: usize) -> usize {
    if span == 0 {
        return 0;
    }
    let (step, span) = (step as u128, span as u128);
    let way = u128::from(steps) * step % (2 * span);
    way.min(2 * span - way) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bounces_turns_at_the_edges() {
        assert_eq!(bounce(0, 3, 10), 0);
        assert_eq!(bounce(3, 3, 10), 9);
        assert_eq!(bounce(4, 3, 10), 8);
        assert_eq!(bounce(7, 1, 0), 0);
    }
}
