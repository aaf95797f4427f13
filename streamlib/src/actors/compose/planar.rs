//! A picture in I420 of a stack of pictures in I420, plane by plane.
//!
//! These pictures have no alpha, so a picture covers by its opacity alone, the same everywhere. So a plane falls into
//! tiles, on each of which a picture lies with all of its samples or with none, and has one weight in the result.

use std::ops::Range;

use super::Background;
use super::placed::{FULL, Placed};
use super::planar_sums::{How, RUN, Sums};
use super::planar_weighed::{Strips, Weighed};
use super::simd::Simd;
use crate::message::{ColorMatrix, ColorRange, Colorimetry, PlaneMut, VideoFrame};

/// Writes all of `out`, which is I420: `stack`, the lowest first, over `background`. Places and parts begin at
/// even columns and rows; the pictures have the colorimetry of `out`.
pub(super) fn compose(out: &mut VideoFrame, background: Background, stack: &[Placed]) {
    compose_with(Simd::found(), out, background, stack);
}

fn compose_with(simd: Simd, out: &mut VideoFrame, background: Background, stack: &[Placed]) {
    let (height, colorimetry) = (out.height() as usize, out.colorimetry());
    let black = codes([0; 3], colorimetry);
    for (index, mut plane) in out.planes_mut().enumerate() {
        let on = On {
            index,
            shift: usize::from(index > 0),
            black: black[index],
        };
        let color = |y: usize| codes(background.row(y << on.shift, height), colorimetry)[index];
        let (width, rows) = (plane.row_len(), plane.rows_mut().len());
        let mut top = 0;
        while top < rows {
            let bottom = edge(stack.iter().map(|placed| on.rows(placed)), top, rows);
            let mut band = plane.take_rows(bottom - top);
            let mut left = 0;
            while left < width {
                let beside = stack.iter().filter(|placed| on.rows(placed).contains(&top));
                let right = edge(beside.map(|placed| on.columns(placed)), left, width);
                let tile = Tile {
                    on,
                    columns: left..right,
                    top,
                };
                tile.compose(simd, &mut band, stack, color);
                left = right;
            }
            top = bottom;
        }
    }
}

/// The first edge behind `start`; at most `end`.
fn edge(ranges: impl Iterator<Item = Range<usize>>, start: usize, end: usize) -> usize {
    let edges = ranges.flat_map(|range| [range.start, range.end]);
    edges.filter(|&edge| edge > start).fold(end, usize::min)
}

/// A plane, and how pictures lie on it.
#[derive(Clone, Copy)]
struct On {
    index: usize,
    /// 1 where two columns and rows share a sample.
    shift: usize,
    /// The code of black, in 1/256.
    black: u16,
}

impl On {
    fn columns(self, placed: &Placed) -> Range<usize> {
        self.samples(placed.x, placed.width)
    }

    fn rows(self, placed: &Placed) -> Range<usize> {
        self.samples(placed.y, placed.height)
    }

    /// A chroma sample belongs to a picture that has any of its pixels.
    fn samples(self, start: usize, length: usize) -> Range<usize> {
        start >> self.shift..(start + length + self.shift) >> self.shift
    }

    fn how(self, placed: &Placed) -> How {
        let dark = u32::from(placed.cover.saturating_sub(placed.light));
        let black = (u32::from(self.black) * dark + u32::from(FULL) / 2) / u32::from(FULL);
        How {
            cover: placed.cover,
            light: placed.light,
            black: black as u16,
        }
    }
}

/// Samples of a plane on which a picture lies with all of its own or with none.
struct Tile {
    on: On,
    columns: Range<usize>,
    top: usize,
}

impl Tile {
    /// Writes it into `band`, the rows that it has; `color` is what is under all pictures, in 1/256 of a code.
    fn compose(
        &self,
        simd: Simd,
        band: &mut PlaneMut<'_>,
        stack: &[Placed],
        color: impl Fn(usize) -> u16,
    ) {
        // What lies under a picture that covers all cannot be seen.
        let hides = |placed: &Placed| placed.is_opaque() && self.is_under(placed);
        let lowest = stack.iter().rposition(hides).unwrap_or(0);
        let seen = || {
            stack[lowest..]
                .iter()
                .filter(|placed| self.is_under(placed))
        };
        let rows = band.rows_mut();
        let rows = rows.map(|row| &mut row[self.columns.clone()]).enumerate();

        let laid = seen().map(|placed| (self.on.how(placed), self.strips(placed)));
        if let Some(mut weighed) = Weighed::of(laid) {
            for (number, row) in rows {
                weighed.write_row(simd, row, || color(self.top + number));
            }
            return;
        }
        let mut sums = Sums::new(simd);
        for (number, row) in rows {
            for (index, run) in row.chunks_mut(RUN).enumerate() {
                sums.fill(run.len(), color(self.top + number));
                for placed in seen() {
                    let row = self.strips(placed).row(number);
                    let codes = row.get(index * RUN..).unwrap_or_default();
                    sums.lay(&codes[..run.len().min(codes.len())], &self.on.how(placed));
                }
                sums.store(run);
            }
        }
    }

    fn is_under(&self, placed: &Placed) -> bool {
        let (columns, rows) = (self.on.columns(placed), self.on.rows(placed));
        columns.contains(&self.columns.start) && rows.contains(&self.top)
    }

    /// What of a picture that lies on it does so.
    fn strips<'a>(&self, placed: &'a Placed) -> Strips<'a> {
        let On { index, shift, .. } = self.on;
        let row = self.top + (placed.from_y >> shift) - self.on.rows(placed).start;
        let column = self.columns.start + (placed.from_x >> shift) - self.on.columns(placed).start;
        let Some(plane) = placed.frame.plane(index) else {
            return Strips::default();
        };
        let stride = plane.stride();
        let rest = plane.bytes().get(row * stride + column..);
        Strips {
            rest: rest.unwrap_or_default(),
            stride,
        }
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
        fn placed(whole: f64)(
            (x, y) in (0..WIDTH / 2, 0..HEIGHT / 2),
            (right, bottom) in (0..WIDTH / 2, 0..HEIGHT / 2),
            is_whole in prop::bool::weighted(whole),
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
            Placed { frame, x, y, width, height, from_x, from_y, opaque: true, blend: Blend::Over, cover, light }
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

    /// Of so many pictures that few tiles see less, none of which hides all that is under it.
    fn many() -> impl Strategy<Value = Vec<Placed>> {
        let weak = |placed: Placed| Placed {
            cover: placed.cover.min(FULL - 1),
            light: placed.light.min(FULL - 1),
            ..placed
        };
        let count = prop::sample::select(&[17, 40]);
        count.prop_flat_map(move |count| {
            prop::collection::vec(placed(0.95).prop_map(weak), count..=count)
        })
    }

    fn agrees_with_double_precision(
        background: Background,
        stack: &[Placed],
    ) -> Result<(), TestCaseError> {
        let mut out = VideoFrame::new(PixelFormat::I420, WIDTH as u32, HEIGHT as u32)?;
        let mut portable = out.clone();
        compose(&mut out, background, stack);
        compose_with(Simd::Portable, &mut portable, background, stack);
        prop_assert_eq!(out.pixels(), portable.pixels());
        for (index, plane) in out.planes().enumerate() {
            let black = if index == 0 { 16.0 } else { 128.0 };
            for (y, row) in plane.rows().enumerate() {
                let under = background.row(y << usize::from(index > 0), HEIGHT);
                let color = f64::from(codes(under, out.colorimetry())[index]) / 256.0;
                for (x, &code) in row.iter().enumerate() {
                    let exact = exact(stack, color, black, index, x, y);
                    let distance = (f64::from(code) - exact).abs();
                    prop_assert!(distance <= 1.0, "{code} for {exact} in {index} at {x}, {y}");
                }
            }
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn agrees_with_double_precision_to_one_code_on_every_processor(
            stack in prop::collection::vec(placed(0.5), 0..6),
            (top, bottom) in any::<([u8; 3], [u8; 3])>(),
        ) {
            agrees_with_double_precision(Background::vertical(top, bottom), &stack)?;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn more_than_are_weighed_together_agree_with_double_precision_too(
            stack in many(),
            (top, bottom) in any::<([u8; 3], [u8; 3])>(),
        ) {
            agrees_with_double_precision(Background::vertical(top, bottom), &stack)?;
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
