//! The pass over a picture: which rows belong together, tile by tile.

use super::affine::{Row, apply, scale};
use super::rgb_in::{self, Order};
use super::tile::{TILE, Tile};
use super::way::Way;
use super::{pack, rgb_out, rgb_swap, unpack};
use crate::message::{PixelFormat, Plane, PlaneMut};

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

/// Every row of a picture or, of an interlaced one, every other.
#[derive(Clone, Copy)]
pub(in crate::actors) struct Field {
    pub first: usize,
    pub step: usize,
    /// How many rows of luma.
    pub rows: usize,
}

/// The picture that is read.
pub(in crate::actors) struct Source<'a> {
    pub format: PixelFormat,
    pub planes: [Option<Plane<'a>>; 3],
    /// The code of no colour, for luma that is alone.
    pub neutral: i16,
    pub field: Field,
}

impl<'a> Source<'a> {
    /// The bytes of a row of a plane from byte `from` on; none where there is no such row.
    pub fn row(&self, plane: usize, y: usize, from: usize) -> &'a [u8] {
        let y = y * self.field.step + self.field.first;
        let row = self.planes[plane].as_ref().and_then(|plane| plane.row(y));
        row.and_then(|row| row.get(from..)).unwrap_or_default()
    }

    /// The samples of `count` pixels of luma row `y`, from column `x` on.
    fn unpack(&self, y: usize, x: usize, count: usize, tile: &mut Tile) {
        self.unpack_luma(y, x, count, tile);
        if !is_packed(self.format) {
            self.unpack_chroma(y / 2, x / 2, count.div_ceil(2), tile);
        }
    }

    /// The luma, and the colour too where both are in one plane.
    pub fn unpack_luma(&self, y: usize, x: usize, count: usize, tile: &mut Tile) {
        match self.format {
            PixelFormat::Uyvy => unpack::uyvy(self.row(0, y, x * 2), tile, count),
            PixelFormat::V210 => unpack::v210(self.row(0, y, x / 6 * 16), tile, count),
            PixelFormat::Uyvp => unpack::uyvp(self.row(0, y, x / 2 * 5), tile, count),
            _ => unpack::planar(self.row(0, y, x), &mut tile.lines[0], count),
        }
    }

    /// `count` of each colour difference of row `y` of theirs, from column `x` of theirs on, where they have
    /// planes of their own.
    pub fn unpack_chroma(&self, y: usize, x: usize, count: usize, tile: &mut Tile) {
        let [_, u, v] = &mut tile.lines;
        match self.format {
            PixelFormat::I420 => {
                unpack::planar(self.row(1, y, x), u, count);
                unpack::planar(self.row(2, y, x), v, count);
            }
            PixelFormat::Nv12 => unpack::in_turn(self.row(1, y, x * 2), u, v, count),
            _ => {
                u[..count].fill(self.neutral);
                v[..count].fill(self.neutral);
            }
        }
    }
}

/// Whether luma and colour are in one plane.
pub(in crate::actors) fn is_packed(format: PixelFormat) -> bool {
    matches!(
        format,
        PixelFormat::Uyvy | PixelFormat::V210 | PixelFormat::Uyvp
    )
}

/// The picture that is written.
pub(in crate::actors) struct Target<'a> {
    pub format: PixelFormat,
    pub planes: [Option<PlaneMut<'a>>; 3],
    pub field: Field,
}

impl Target<'_> {
    pub fn row(&mut self, plane: usize, y: usize, from: usize) -> &mut [u8] {
        let y = y * self.field.step + self.field.first;
        let row = self.planes[plane]
            .as_mut()
            .and_then(|plane| plane.row_mut(y));
        row.and_then(|row| row.get_mut(from..)).unwrap_or_default()
    }

    /// How many rows of luma share a row of colour.
    fn shared_rows(&self) -> usize {
        self.format.subsampling().1 as usize
    }

    /// Writes the luma of a row, if it has a plane for itself.
    pub fn pack_luma(&mut self, y: usize, x: usize, count: usize, tile: &Tile) {
        if !is_packed(self.format) {
            pack::planar(&tile.lines[0], self.row(0, y, x), count);
        }
    }

    /// Writes the colour that luma row `y` and those that share it have; and the luma, if both are in one plane.
    pub fn pack_rest(&mut self, y: usize, x: usize, count: usize, tile: &mut Tile) {
        let half = count.div_ceil(2);
        match self.format {
            PixelFormat::Uyvy => pack::uyvy(tile, self.row(0, y, x * 2), count),
            PixelFormat::V210 => pack::v210(tile, self.row(0, y, x / 6 * 16), count),
            PixelFormat::Uyvp => pack::uyvp(tile, self.row(0, y, x / 2 * 5), count),
            PixelFormat::I420 => {
                pack::planar(&tile.lines[1], self.row(1, y / 2, x / 2), half);
                pack::planar(&tile.lines[2], self.row(2, y / 2, x / 2), half);
            }
            PixelFormat::Nv12 => {
                let [_, u, v] = &tile.lines;
                pack::in_turn(u, v, self.row(1, y / 2, x), half);
            }
            _ => {}
        }
    }
}

/// Writes `to` from `from`, both `width` pixels wide.
pub(super) fn convert(
    way: &Way,
    work: &mut Work,
    from: &Source<'_>,
    to: &mut Target<'_>,
    width: usize,
) {
    let (rows, together) = (from.field.rows, to.shared_rows());
    for y in (0..rows).step_by(together) {
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
