//! The patterns.

use std::fmt;

use super::canvas::Canvas;
use super::packing::rgb;
use super::smpte::{self, BLACK, WHITE};
use super::{draw, smpte_hd};

/// What a [`TestPattern`](super::TestPattern) shows.
///
/// ![SMPTE HD bars with a time code](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/smpte_hd_bars.png)
///
/// Levels are parts of white in R'G'B', and percentages of it: 0 is black, 1 is white. In Y'CbCr what lies below black
/// and above white is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pattern {
    /// SMPTE EG 1-1990 colour bars at 75 %: seven bars in the upper two thirds (191 per component),
    /// the castellations to three quarters, below them −I, white, +Q, black and PLUGE.
    #[default]
    SmpteBars,
    /// SMPTE RP 219-1 colour bars for HD: seven bars at 75 % between two of grey, in the lower rows −I, +Q, a ramp, white, and
    /// PLUGE of −2, 0, +2 and +4 %.
    SmpteHdBars,
    /// EBU colour bars, 100/0/75/0: eight bars from white at 100 % over the colours at 75 % to black.
    EbuBars,
    /// Eight bars at 75 % from white to black (75/0/75/0).
    Bars75,
    /// Eight bars at 100 % from white to black (100/0/100/0).
    Bars100,
    /// A grey ramp: black at the left edge, white at the right edge.
    Gradient,
    /// Black all over.
    Black,
    /// White all over.
    White,
    /// One colour all over: red, green and blue from 0 to 255.
    Solid([u8; 3]),
    /// White and black squares, eight along the shorter side; the upper left one is white.
    Checkerboard,
    /// Circles that become finer outwards: a cosine of the square of the distance from the middle. Halfway along the longer
    /// side its period is two pixels, which is the finest that pixels can show.
    ZonePlate,
    /// A white square on black, a quarter of the shorter side wide, that bounces off the edges. Where
    /// it is follows from the frame number alone: one tick moves it by 1/120 of the width and 1/180
    /// of the height, by a pixel at least.
    MovingBox,
    /// White, black, and six bursts of vertical lines with periods of 32, 16, 10, 8, 6 and 4 pixels, sines from 25 to 75 %.
    Multiburst,
    /// Grey noise, another on every frame: each pixel is of any level. It follows from the frame number alone.
    Noise,
}

impl Pattern {
    /// Whether every frame looks the same, so that one drawing serves them all.
    pub(in crate::actors) fn is_static(self) -> bool {
        !matches!(self, Self::MovingBox | Self::Noise)
    }

    /// Paints the whole canvas as it looks in the frame of that number.
    pub(super) fn draw(self, canvas: &mut Canvas<'_>, frame_number: u64) {
        match self {
            Self::SmpteBars => smpte::draw(canvas),
            Self::SmpteHdBars => smpte_hd::draw(canvas),
            Self::EbuBars => draw::bars(canvas, 1.0, 0.75),
            Self::Bars75 => draw::bars(canvas, 0.75, 0.75),
            Self::Bars100 => draw::bars(canvas, 1.0, 1.0),
            Self::Gradient => draw::gradient(canvas),
            Self::Black => draw::plain(canvas, BLACK),
            Self::White => draw::plain(canvas, WHITE),
            Self::Solid(colour) => draw::plain(canvas, rgb(colour)),
            Self::Checkerboard => draw::checkerboard(canvas),
            Self::ZonePlate => draw::zone_plate(canvas),
            Self::MovingBox => draw::moving_box(canvas, frame_number),
            Self::Multiburst => draw::multiburst(canvas),
            Self::Noise => draw::noise(canvas, frame_number),
        }
    }
}

/// Paints patterns for other actors.
#[cfg(feature = "gpu")]
#[derive(Debug, Default)]
pub(in crate::actors) struct Painter(super::canvas::Scratch);

#[cfg(feature = "gpu")]
impl Painter {
    /// Paints all of `frame`.
    pub fn paint(
        &mut self,
        pattern: Pattern,
        frame: &mut crate::message::VideoFrame,
        frame_number: u64,
    ) {
        pattern.draw(&mut Canvas::new(frame, &mut self.0), frame_number);
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SmpteBars => "SMPTE bars 75 %",
            Self::SmpteHdBars => "SMPTE HD bars",
            Self::EbuBars => "EBU bars",
            Self::Bars75 => "bars 75 %",
            Self::Bars100 => "bars 100 %",
            Self::Gradient => "grey ramp",
            Self::Black => "black",
            Self::White => "white",
            Self::Solid([red, green, blue]) => {
                return write!(f, "colour {red}, {green}, {blue}");
            }
            Self::Checkerboard => "checkerboard",
            Self::ZonePlate => "zone plate",
            Self::MovingBox => "moving box",
            Self::Multiburst => "multiburst",
            Self::Noise => "noise",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::Scratch;
    use super::*;
    use crate::message::{PixelFormat, VideoFrame};

    const ALL: [Pattern; 14] = [
        Pattern::SmpteBars,
        Pattern::SmpteHdBars,
        Pattern::EbuBars,
        Pattern::Bars75,
        Pattern::Bars100,
        Pattern::Gradient,
        Pattern::Black,
        Pattern::White,
        Pattern::Solid([1, 2, 3]),
        Pattern::Checkerboard,
        Pattern::ZonePlate,
        Pattern::MovingBox,
        Pattern::Multiburst,
        Pattern::Noise,
    ];

    fn drawn_as(
        format: PixelFormat,
        pattern: Pattern,
        (width, height): (u32, u32),
        frame_number: u64,
    ) -> Vec<u8> {
        let mut frame = VideoFrame::new(format, width, height).unwrap();
        frame.pixels_mut().fill(77);
        let mut scratch = Scratch::default();
        pattern.draw(&mut Canvas::new(&mut frame, &mut scratch), frame_number);
        frame
            .planes()
            .flat_map(|plane| plane.rows().flatten().copied().collect::<Vec<_>>())
            .collect()
    }

    fn drawn(pattern: Pattern, width: u32, height: u32, frame_number: u64) -> Vec<u8> {
        drawn_as(PixelFormat::Rgb8, pattern, (width, height), frame_number)
    }

    #[test]
    fn any_size_and_frame_number_can_be_drawn() {
        for pattern in ALL {
            for (width, height) in [(1, 1), (1, 9), (9, 1), (17, 5), (5, 17), (64, 48)] {
                for frame_number in [0, 1, 119, u64::MAX] {
                    for &format in PixelFormat::ALL {
                        drawn_as(format, pattern, (width, height), frame_number);
                    }
                }
            }
        }
    }

    #[test]
    fn every_byte_of_any_size_is_painted() {
        for pattern in ALL.into_iter().filter(|pattern| *pattern != Pattern::Noise) {
            for (width, height) in [(1, 1), (2, 3), (6, 5), (83, 11), (96, 54)] {
                for &format in PixelFormat::ALL {
                    // What was not painted differs when another byte was there before.
                    let mut frame = VideoFrame::new(format, width, height).unwrap();
                    let mut scratch = Scratch::default();
                    pattern.draw(&mut Canvas::new(&mut frame, &mut scratch), 0);
                    let painted = drawn_as(format, pattern, (width, height), 0);
                    let bytes = frame.planes().flat_map(|plane| plane.rows().flatten());
                    assert!(bytes.eq(&painted), "{pattern}, {width}×{height} {format}");
                }
            }
        }
    }

    #[test]
    fn noise_has_every_level_about_as_often() {
        let pixels = drawn(Pattern::Noise, 256, 256, 5);
        let mut counts = [0; 256];
        pixels
            .iter()
            .step_by(3)
            .for_each(|&level| counts[usize::from(level)] += 1);
        assert!(
            counts.iter().all(|count| (170..350).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn the_zone_plate_is_white_in_the_middle_and_finest_at_the_side() {
        let pixels = drawn(Pattern::ZonePlate, 256, 128, 0);
        let level = |x: usize, y: usize| i32::from(pixels[(y * 256 + x) * 3]);
        assert!(level(128, 64) > 250 && level(127, 63) > 250);
        let swing: i32 = (1..20)
            .map(|x| (level(x, 64) - level(x - 1, 64)).abs())
            .sum();
        assert!(swing > 19 * 120, "{swing}");
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
    fn the_box_stays_inside() {
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
