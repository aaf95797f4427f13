//! A picture in I420 of a stack of pictures in I420, plane by plane.
//!
//! These pictures have no alpha, so a picture covers by its opacity alone, the same everywhere. The work is
//! that of [`super::segment`] with one weight for all: levels are summed in 1/256 of a code.

use std::ops::Range;

use super::Background;
use super::placed::{FULL, Placed};
use super::planar_sums::{How, RUN, Sums};
use super::simd::Simd;
use crate::message::{ColorMatrix, ColorRange, Colorimetry, VideoFrame};

/// Writes all of `out`, which is I420: `stack`, the lowest first, over `background`. Places and parts begin at
/// even columns and rows; the pictures have the colorimetry of `out`.
pub(super) fn compose(out: &mut VideoFrame, background: Background, stack: &[Placed]) {
    compose_with(Simd::found(), out, background, stack);
}

fn compose_with(simd: Simd, out: &mut VideoFrame, background: Background, stack: &[Placed]) {
    let (height, colorimetry) = (out.height() as usize, out.colorimetry());
    let mut sums = Sums::new(simd);
    for (index, mut plane) in out.planes_mut().enumerate() {
        let shift = usize::from(index > 0);
        let black = codes([0; 3], colorimetry)[index];
        for (y, row) in plane.rows_mut().enumerate() {
            let color = codes(background.row(y << shift, height), colorimetry)[index];
            for (number, run) in row.chunks_mut(RUN).enumerate() {
                let line = Line {
                    plane: index,
                    shift,
                    y,
                    columns: number * RUN..number * RUN + run.len(),
                    black,
                };
                // What lies under a picture that covers all cannot be seen.
                let base = stack.iter().rposition(|placed| {
                    let strip = if placed.is_opaque() {
                        line.of(placed)
                    } else {
                        None
                    };
                    strip.is_some_and(|strip| strip.codes.len() == run.len())
                });
                let above = &stack[base.map_or(0, |base| base + 1)..];
                let base = base.and_then(|base| line.of(&stack[base]));
                let strips = || {
                    base.into_iter()
                        .chain(above.iter().filter_map(|placed| line.of(placed)))
                };
                let base_alone =
                    base.filter(|base| base.how.light == FULL && strips().count() == 1);
                if let Some(base) = base_alone {
                    run.copy_from_slice(base.codes);
                } else if let Some(whole) = Whole::of(strips(), run.len(), color) {
                    simd.weigh(run, whole.codes(), &whole.weights, whole.constant);
                } else {
                    sums.fill(run.len(), color);
                    strips().for_each(|strip| sums.lay(strip.start, strip.codes, &strip.how));
                    sums.store(run);
                }
            }
        }
    }
}

/// Strips that all cover the whole run, so that each has one weight in the result.
struct Whole<'a> {
    codes: [&'a [u8]; MOST],
    count: usize,
    weights: [u16; MOST],
    /// What else is in the result, in 1/256 of a code.
    constant: u16,
}

/// The most strips that are weighed together.
const MOST: usize = 16;

impl<'a> Whole<'a> {
    /// `None` if a strip is shorter, or there are too many.
    fn of(strips: impl Iterator<Item = Strip<'a>>, length: usize, color: u16) -> Option<Self> {
        let mut codes: [&[u8]; MOST] = [&[]; MOST];
        let mut shares = [0.0; MOST];
        let (mut count, mut constant) = (0, f64::from(color));
        for strip in strips {
            let is_whole = strip.codes.len() == length;
            *codes.get_mut(count).filter(|_| is_whole)? = strip.codes;
            let share = |weight: u16| f64::from(weight) / f64::from(FULL);
            let left = 1.0 - share(strip.how.cover);
            shares[..count].iter_mut().for_each(|share| *share *= left);
            shares[count] = share(strip.how.light);
            constant = constant * left + f64::from(strip.how.black);
            count += 1;
        }
        Some(Self {
            codes,
            count,
            weights: shares.map(|share| (share * 65536.0).round() as u16), // saturates
            constant: constant.round() as u16,
        })
    }

    fn codes(&self) -> &[&'a [u8]] {
        &self.codes[..self.count]
    }
}

/// What of a picture lies on some columns of one row of one plane.
#[derive(Clone, Copy)]
struct Strip<'a> {
    /// The first of these columns, counted from the first of all.
    start: usize,
    codes: &'a [u8],
    how: How,
}

/// Some columns of one row of one plane.
struct Line {
    plane: usize,
    /// 1 where two columns and rows share a sample.
    shift: usize,
    y: usize,
    columns: Range<usize>,
    /// The code of black.
    black: u16,
}

impl Line {
    /// What of a picture lies on it.
    fn of<'a>(&self, placed: &'a Placed) -> Option<Strip<'a>> {
        let Self { shift, columns, .. } = self;
        // A chroma sample belongs to a picture that has any of its pixels.
        let end = |start: usize, length: usize| (start + length + shift) >> shift;
        let (left, top) = (placed.x >> shift, placed.y >> shift);
        let first = left.max(columns.start);
        let last = end(placed.x, placed.width).min(columns.end);
        if first >= last || !(top..end(placed.y, placed.height)).contains(&self.y) {
            return None;
        }
        let row = self.y - top + (placed.from_y >> shift);
        let from = first - left + (placed.from_x >> shift);
        let row = placed.frame.plane(self.plane)?.row(row)?;
        let dark = u32::from(placed.cover.saturating_sub(placed.light));
        let black = (u32::from(self.black) * dark + u32::from(FULL) / 2) / u32::from(FULL);
        Some(Strip {
            start: first - columns.start,
            codes: row.get(from..from + (last - first))?,
            how: How {
                cover: placed.cover,
                light: placed.light,
                black: black as u16,
            },
        })
    }
}

/// Red, green and blue in 1/256 of a level as Y, Cb and Cr in 1/256 of a code.
fn codes(rgb: [u16; 3], colorimetry: Colorimetry) -> [u16; 3] {
    let shares = colorimetry.matrix.luma_shares();
    let Some((red, blue)) = shares.or(ColorMatrix::Bt709.luma_shares()) else {
        return [0, 128 << 8, 128 << 8];
    };
    let [r, g, b] = rgb.map(|level| f64::from(level) / (255.0 * 256.0));
    let luma = red * r + (1.0 - red - blue) * g + blue * b;
    let (u, v) = (
        (b - luma) / (2.0 * (1.0 - blue)),
        (r - luma) / (2.0 * (1.0 - red)),
    );
    let codes = match colorimetry.range {
        ColorRange::Limited => [16.0 + 219.0 * luma, 128.0 + 224.0 * u, 128.0 + 224.0 * v],
        ColorRange::Full => [255.0 * luma, 128.0 + 255.0 * u, 128.0 + 255.0 * v],
    };
    codes.map(|code| (code.min(255.0) * 256.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Blend;
    use super::*;
    use crate::message::PixelFormat;

    const WIDTH: usize = 2101; // two runs, some blocks, and a rest; odd
    const HEIGHT: usize = 5;

    prop_compose! {
        fn placed()(
            (x, y) in (0..WIDTH / 2, 0..HEIGHT / 2),
            (right, bottom) in (0..WIDTH / 2, 0..HEIGHT / 2),
            is_whole in any::<bool>(),
            from in (0_usize..3, 0_usize..3),
            cover in prop_oneof![Just(FULL), any::<u16>()],
            faded in prop_oneof![Just(1.0), 0.0..1.0_f64],
            seed in any::<u64>(),
        ) -> Placed {
            let (x, y, right, bottom) = if is_whole { (0, 0, 0, 0) } else { (x & !1, y & !1, right, bottom) };
            let (width, height) = (WIDTH - x - right, HEIGHT - y - bottom);
            let (from_x, from_y) = (from.0 * 2, from.1 * 2);
            let (columns, rows) = ((width + from_x) as u32, (height + from_y) as u32);
            let mut frame = VideoFrame::new(PixelFormat::I420, columns, rows).expect("a possible size");
            let mut noise = seed | 1;
            for byte in frame.pixels_mut() {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                *byte = (noise >> 40) as u8;
            }
            let light = (f64::from(cover) * faded).round() as u16;
            Placed { frame, x, y, width, height, from_x, from_y, blend: Blend::Over, cover, light }
        }
    }

    /// The code of one sample, in double precision.
    fn exact(stack: &[Placed], color: f64, black: f64, plane: usize, x: usize, y: usize) -> f64 {
        let step = if plane == 0 { 1 } else { 2 };
        stack.iter().fold(color, |below, placed| {
            let on = |start: usize, length: usize, at: usize| {
                (start / step..(start + length).div_ceil(step)).contains(&at)
            };
            if !on(placed.x, placed.width, x) || !on(placed.y, placed.height, y) {
                return below;
            }
            let (column, row) = (
                x + placed.from_x / step - placed.x / step,
                y + placed.from_y / step - placed.y / step,
            );
            let row = placed
                .frame
                .plane(plane)
                .and_then(|plane| plane.row(row))
                .expect("a row");
            let [cover, light] =
                [placed.cover, placed.light].map(|weight| f64::from(weight) / 65535.0);
            below * (1.0 - cover) + f64::from(row[column]) * light + black * (cover - light)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn agrees_with_double_precision_to_one_code_on_every_processor(
            stack in prop::collection::vec(placed(), 0..6),
            (top, bottom) in any::<([u8; 3], [u8; 3])>(),
        ) {
            let background = Background::vertical(top, bottom);
            let mut out = VideoFrame::new(PixelFormat::I420, WIDTH as u32, HEIGHT as u32)?;
            let mut portable = out.clone();
            compose(&mut out, background, &stack);
            compose_with(Simd::Portable, &mut portable, background, &stack);
            prop_assert_eq!(out.pixels(), portable.pixels());
            for (index, plane) in out.planes().enumerate() {
                let black = if index == 0 { 16.0 } else { 128.0 };
                for (y, row) in plane.rows().enumerate() {
                    let under = background.row(y << usize::from(index > 0), HEIGHT);
                    let color = f64::from(codes(under, out.colorimetry())[index]) / 256.0;
                    for (x, &code) in row.iter().enumerate() {
                        let exact = exact(&stack, color, black, index, x, y);
                        prop_assert!((f64::from(code) - exact).abs() <= 1.0, "{} for {} in {} at {}, {}", code, exact, index, x, y);
                    }
                }
            }
        }
    }

    #[test]
    fn colours_have_the_codes_of_their_standard() {
        let of = |rgb: [u8; 3], colorimetry| {
            codes(rgb.map(|level| u16::from(level) << 8), colorimetry).map(|code| code >> 8)
        };
        assert_eq!(of([255; 3], Colorimetry::BT709), [235, 128, 128]);
        assert_eq!(of([0; 3], Colorimetry::BT601), [16, 128, 128]);
        assert_eq!(of([255, 0, 0], Colorimetry::BT709), [62, 102, 240]); // 62.6, 102.3, 240
        let full = Colorimetry {
            range: ColorRange::Full,
            ..Colorimetry::BT601
        };
        assert_eq!(of([0, 0, 255], full), [29, 255, 107]);
    }
}
