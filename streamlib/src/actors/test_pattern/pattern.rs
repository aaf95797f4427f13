//! The patterns and how each is painted.

use std::fmt;

use super::canvas::{Canvas, edge};
use super::smpte;

/// What a [`TestPattern`](super::TestPattern) shows.
///
/// All levels are full-range R'G'B': 0 is black, 255 is white.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pattern {
    /// SMPTE EG 1-1990 colour bars at 75 %: seven bars in the upper two thirds (191 per component),
    /// the castellations to three quarters, below them −I, white, +Q, black and PLUGE.
    #[default]
    SmpteBars,
    /// A grey ramp: black at the left edge, white at the right edge.
    Gradient,
    /// Black all over.
    Black,
    /// White all over.
    White,
    /// White and black squares, eight along the shorter side; the upper left one is white.
    Checkerboard,
    /// A white square on black, a quarter of the shorter side wide, that bounces off the edges. Where
    /// it is follows from the frame number alone: one tick moves it by 1/120 of the width and 1/180
    /// of the height, by a pixel at least.
    MovingBox,
}

impl Pattern {
    /// Whether every frame looks the same, so that one drawing serves them all.
    pub(super) fn is_static(self) -> bool {
        self != Self::MovingBox
    }

    /// Paints the whole canvas as it looks in the frame of that number.
    pub(super) fn draw(self, canvas: &mut Canvas<'_>, frame_number: u64) {
        match self {
            Self::SmpteBars => smpte::draw(canvas),
            Self::Gradient => draw_gradient(canvas),
            Self::Black => draw_plain(canvas, 0),
            Self::White => draw_plain(canvas, u8::MAX),
            Self::Checkerboard => draw_checkerboard(canvas),
            Self::MovingBox => draw_moving_box(canvas, frame_number),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SmpteBars => "SMPTE bars 75 %",
            Self::Gradient => "grey ramp",
            Self::Black => "black",
            Self::White => "white",
            Self::Checkerboard => "checkerboard",
            Self::MovingBox => "moving box",
        })
    }
}

fn draw_plain(canvas: &mut Canvas<'_>, level: u8) {
    let (width, height) = (canvas.width(), canvas.height());
    canvas.band(0..height, |canvas, y| canvas.fill(y, 0..width, [level; 3]));
}

fn draw_gradient(canvas: &mut Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    let last = (width - 1).max(1);
    canvas.band(0..height, |canvas, y| {
        canvas.paint(y, 0..width, |x| {
            [((2 * 255 * x + last) / (2 * last)) as u8; 3]
        });
    });
}

fn draw_checkerboard(canvas: &mut Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    let side = width.min(height).div_ceil(8);
    for (square, top) in (0..height).step_by(side).enumerate() {
        canvas.band(top..(top + side).min(height), |canvas, y| {
            canvas.paint(y, 0..width, |x| {
                if (x / side + square).is_multiple_of(2) {
                    [u8::MAX; 3]
                } else {
                    [0; 3]
                }
            });
        });
    }
}

fn draw_moving_box(canvas: &mut Canvas<'_>, frame_number: u64) {
    let (width, height) = (canvas.width(), canvas.height());
    let side = edge(width.min(height), 1, 4).max(1);
    let left = bounce(frame_number, (width / 120).max(1), width - side);
    let top = bounce(frame_number, (height / 180).max(1), height - side);

    canvas.band(0..top, |canvas, y| canvas.fill(y, 0..width, [0; 3]));
    canvas.band(top..top + side, |canvas, y| {
        canvas.fill(y, 0..left, [0; 3]);
        canvas.fill(y, left..left + side, [u8::MAX; 3]);
        canvas.fill(y, left + side..width, [0; 3]);
    });
    canvas.band(top + side..height, |canvas, y| {
        canvas.fill(y, 0..width, [0; 3])
    });
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

    const ALL: [Pattern; 6] = [
        Pattern::SmpteBars,
        Pattern::Gradient,
        Pattern::Black,
        Pattern::White,
        Pattern::Checkerboard,
        Pattern::MovingBox,
    ];

    fn drawn(pattern: Pattern, width: usize, height: usize, frame_number: u64) -> Vec<u8> {
        let mut pixels = vec![77; width * height * 3];
        pattern.draw(
            &mut Canvas::new(&mut pixels, width, height, 3),
            frame_number,
        );
        pixels
    }

    #[test]
    fn any_size_and_frame_number_can_be_drawn() {
        for pattern in ALL {
            for (width, height) in [(1, 1), (1, 9), (9, 1), (17, 5), (5, 17), (64, 48)] {
                for frame_number in [0, 1, 119, u64::MAX] {
                    drawn(pattern, width, height, frame_number);
                }
            }
        }
    }

    #[test]
    fn only_the_moving_one_moves() {
        for pattern in ALL {
            let same = drawn(pattern, 320, 180, 0) == drawn(pattern, 320, 180, 10);
            assert_eq!(same, pattern.is_static(), "{pattern}");
        }
    }

    #[test]
    fn the_gradient_goes_from_black_to_white() {
        let pixels = drawn(Pattern::Gradient, 256, 2, 0);
        let ramp: Vec<u8> = pixels.chunks_exact(3).map(|pixel| pixel[0]).collect();
        let expected: Vec<u8> = (0..=255).chain(0..=255).collect();
        assert_eq!(ramp, expected);
    }

    #[test]
    fn the_box_stays_inside_and_turns_at_the_edges() {
        assert_eq!(bounce(0, 3, 10), 0);
        assert_eq!(bounce(3, 3, 10), 9);
        assert_eq!(bounce(4, 3, 10), 8);
        assert_eq!(bounce(7, 1, 0), 0);
        for frame_number in 0..500 {
            let pixels = drawn(Pattern::MovingBox, 40, 30, frame_number);
            let white = pixels.iter().filter(|&&byte| byte == 255).count();
            assert_eq!(white, 8 * 8 * 3, "frame {frame_number}");
        }
    }

    #[test]
    fn the_checkerboard_alternates() {
        let pixels = drawn(Pattern::Checkerboard, 16, 16, 0);
        let at = |x: usize, y: usize| pixels[(y * 16 + x) * 3];
        assert_eq!(
            [at(0, 0), at(1, 1), at(2, 0), at(0, 2), at(2, 2)],
            [255, 255, 0, 0, 255]
        );
    }
}
