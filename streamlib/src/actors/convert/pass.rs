//! The pass over a picture: which rows belong together, tile by tile.

use std::ops::Range;

use super::affine::{Row, apply, scale};
use super::rgb_in::{self, Order};
use super::rows::{Source, Target};
use super::tile::{TILE, Tile};
use super::way::Way;
use super::{rgb_out, rgb_swap};
use crate::message::PixelFormat;

/// What a pass works in.
pub(super) struct Work {
    /// The samples of a row, and of the row under it.
    rows: [Tile; 2],
    sums: Tile,
    out: Tile,
}

impl Work {
    pub fn new() -> Self {
        Self {
            rows: [Tile::new(), Tile::new()],
            sums: Tile::new(),
            out: Tile::new(),
        }
    }
}

/// Writes `lines` of `to`, a field, from `from`, both `width` pixels wide.
pub(super) fn convert(
    way: &Way,
    work: &mut Work,
    lines: Range<usize>,
    from: &Source<'_>,
    to: &mut Target<'_>,
    width: usize,
) {
    let (rows, together) = (from.field.rows, to.shared_rows());
    for y in lines.step_by(together) {
        // The same row twice when there is but one.
        let last = (y + together - 1).min(rows - 1);
        for x in (0..width).step_by(TILE) {
            let count = TILE.min(width - x);
            let part = Part {
                ys: [y, last],
                x,
                count,
            };
            match way {
                Way::Copy => {}
                Way::Swap {
                    from: order,
                    to: out,
                } => part.swap(*order, *out, from, to),
                Way::RgbRange {
                    from: order,
                    to: out,
                    rows,
                } => {
                    part.rgb_range(*order, *out, rows, work, from, to);
                }
                Way::FromRgb {
                    from: order,
                    luma,
                    chroma,
                } => {
                    part.luma_of_rgb(*order, luma, chroma, work, from, to);
                }
                Way::ToRgb { to: order, rows } => part.rgb_of_luma(*order, rows, work, from, to),
                Way::Rescale { luma, chroma } => part.rescale(luma, chroma, work, from, to),
                Way::Remix { luma, chroma } => part.remix(luma, chroma, work, from, to),
            }
        }
    }
}

/// `count` columns from `x` on of one row, or of two that share their colour.
struct Part {
    ys: [usize; 2],
    x: usize,
    count: usize,
}

impl Part {
    fn each_row(&self) -> impl Iterator<Item = usize> + use<> {
        self.ys[0]..=self.ys[1]
    }

    fn swap(&self, order: Order, out: Order, from: &Source<'_>, to: &mut Target<'_>) {
        let y = self.ys[0];
        let pixels = from.row(0, y, self.x * order.step);
        rgb_swap::swap(
            order,
            out,
            pixels,
            to.row(0, y, self.x * out.step),
            self.count,
        );
    }

    fn rgb_range(
        &self,
        order: Order,
        out: Order,
        rows: &[Row; 3],
        work: &mut Work,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        let y = self.ys[0];
        let pixels = from.row(0, y, self.x * order.step);
        let bytes = to.row(0, y, self.x * out.step);
        for (row, line) in rows.iter().zip(&mut work.out.lines) {
            rgb_in::each(order, row, pixels, line, self.count);
        }
        rgb_out::each(out, &work.out, bytes, self.count);
        if order.step == 4 && out.step == 4 {
            let alphas = pixels.chunks_exact(4).map(|pixel| pixel[3]);
            let bytes = bytes.chunks_exact_mut(4);
            bytes
                .zip(alphas)
                .for_each(|(pixel, alpha)| pixel[3] = alpha);
        }
    }

    fn luma_of_rgb(
        &self,
        order: Order,
        luma: &Row,
        chroma: &[Row; 2],
        work: &mut Work,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        let pixels = self.ys.map(|y| from.row(0, y, self.x * order.step));
        for (y, pixels) in self.each_row().zip(pixels) {
            rgb_in::each(order, luma, pixels, &mut work.out.lines[0], self.count);
            to.pack_luma(y, self.x, self.count, &work.out);
        }
        if to.format != PixelFormat::Gray8 {
            let [_, u, v] = &mut work.out.lines;
            rgb_in::fours(order, chroma, pixels, [u, v], self.count);
            to.pack_rest(self.ys[0], self.x, self.count, &mut work.out);
        }
    }

    fn rgb_of_luma(
        &self,
        order: Order,
        rows: &[Row; 3],
        work: &mut Work,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        let (y, tile) = (self.ys[0], &mut work.rows[0]);
        from.unpack(y, self.x, self.count, tile);
        rgb_out::pairs(
            order,
            rows,
            tile,
            to.row(0, y, self.x * order.step),
            self.count,
        );
    }

    fn rescale(
        &self,
        luma: &Row,
        chroma: &[[Row; 2]; 2],
        work: &mut Work,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        for (y, tile) in self.each_row().zip(&mut work.rows) {
            from.unpack(y, self.x, self.count, tile);
            scale(luma, 0, &mut tile.lines[0], self.count);
            to.pack_luma(y, self.x, self.count, tile);
        }
        if to.format == PixelFormat::Gray8 {
            return;
        }
        let half = self.count.div_ceil(2);
        let two = self.ys[1] > self.ys[0];
        let [above, below] = &mut work.rows;
        for (index, row) in [1, 2].into_iter().zip(&chroma[usize::from(two)]) {
            let line = &mut above.lines[index];
            if two {
                let below = &below.lines[index][..half];
                line.iter_mut()
                    .zip(below)
                    .for_each(|(sample, below)| *sample += below);
            }
            scale(row, index, line, half);
        }
        to.pack_rest(self.ys[0], self.x, self.count, &mut work.rows[0]);
    }

    fn remix(
        &self,
        luma: &Row,
        chroma: &[Row; 2],
        work: &mut Work,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        let (count, half) = (self.count, self.count.div_ceil(2));
        for line in &mut work.sums.lines {
            line[..half].fill(0);
        }
        // Each of four samples once, or each of two twice.
        for (y, tile) in self.ys.into_iter().zip(&mut work.rows) {
            from.unpack(y, self.x, count, tile);
            for x in (0..count).rev() {
                tile.lines[1][x] = tile.lines[1][x / 2];
                tile.lines[2][x] = tile.lines[2][x / 2];
            }
            for (line, sums) in tile.lines.iter().zip(&mut work.sums.lines) {
                for (at, sum) in sums[..half].iter_mut().enumerate() {
                    *sum += line[2 * at] + line[(2 * at + 1).min(count - 1)];
                }
            }
            apply(luma, tile, &mut work.out.lines[0], count);
            to.pack_luma(y, self.x, count, &work.out);
        }
        for (row, line) in chroma.iter().zip(&mut work.out.lines[1..]) {
            apply(row, &work.sums, line, half);
        }
        to.pack_rest(self.ys[0], self.x, count, &mut work.out);
    }
}
