//! The rows of a picture as tiles of samples: read from bytes, and written as bytes.

use std::ops::Range;

use super::tile::Tile;
use super::{pack, unpack};
use crate::actors::bands::MOST;
use crate::message::{PixelFormat, Plane, PlaneMut, VideoFrame};

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
    pub(super) fn unpack(&self, y: usize, x: usize, count: usize, tile: &mut Tile) {
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

/// The picture that is written, or a band of it: the rows of luma from `top` on.
pub(in crate::actors) struct Target<'a> {
    pub format: PixelFormat,
    pub planes: [Option<PlaneMut<'a>>; 3],
    pub field: Field,
    pub top: usize,
}

/// Some rows of luma of a field, and where they are written.
pub(in crate::actors) struct Band<'a> {
    pub rows: Range<usize>,
    pub to: Target<'a>,
}

impl<'a> Target<'a> {
    /// All of a picture, or a field of it.
    pub fn of(frame: &'a mut VideoFrame, field: Field) -> Self {
        let (format, mut planes) = (frame.format(), frame.planes_mut());
        Self {
            format,
            planes: [planes.next(), planes.next(), planes.next()],
            field,
            top: 0,
        }
    }

    /// Splits it into `count` bands, or fewer; into one that is all of it, if no more are wanted.
    pub fn bands(mut self, count: usize) -> [Option<Band<'a>>; MOST] {
        let rows = self.field.rows;
        // Rows that share their colour stay together.
        let most = rows
            .div_ceil(count.clamp(1, MOST))
            .next_multiple_of(self.shared_rows());
        let mut bands = [const { None }; MOST];
        let starts = (0..rows).step_by(most.max(1));
        for (band, start) in bands.iter_mut().zip(starts) {
            let rows = start..(start + most).min(rows);
            let to = self.take(rows.len());
            *band = Some(Band { rows, to });
        }
        bands
    }

    /// Its first `rows` rows, of which it has nothing from now on.
    fn take(&mut self, rows: usize) -> Self {
        let (shared, field) = (self.shared_rows(), self.field);
        let mut planes = [None, None, None];
        for (index, (part, plane)) in planes.iter_mut().zip(&mut self.planes).enumerate() {
            let shared = if index == 0 { 1 } else { shared };
            let rows = rows.div_ceil(shared) * field.step;
            *part = plane.as_mut().map(|plane| plane.take_rows(rows));
        }
        let top = self.top;
        self.top += rows;
        Self {
            planes,
            top,
            ..*self
        }
    }

    /// From byte `from` on, what is written of row `y` of the field.
    pub fn row(&mut self, plane: usize, y: usize, from: usize) -> &mut [u8] {
        let shared = if plane == 0 { 1 } else { self.shared_rows() };
        let y = (y - self.top / shared) * self.field.step + self.field.first;
        let row = self.planes[plane]
            .as_mut()
            .and_then(|plane| plane.row_mut(y));
        row.and_then(|row| row.get_mut(from..)).unwrap_or_default()
    }

    /// How many rows of luma share a row of colour.
    pub(super) fn shared_rows(&self) -> usize {
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
