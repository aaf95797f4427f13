//! Pixels of three or four bytes, scaled as they lie.

use std::ops::Range;

use super::alpha;
use super::lines::{Lines, counting};
use super::passes;
use super::weights::{Filter, Weights};
use crate::actors::convert::rows::{Source, Target};
use crate::actors::convert::tile::SLACK;

/// What a pass over pixels works with.
#[derive(Default)]
pub(super) struct Pixels {
    /// How many bytes a pixel has.
    step: usize,
    columns: Weights,
    rows: Weights,
    /// How many bytes of a row count.
    row_len: usize,
    /// How many sums there are of a row.
    sums: usize,
}

/// What rows of pixels are made in.
#[derive(Default)]
pub(super) struct PixelRoom {
    lines: Lines,
    /// Weighted sums of rows, pixel after pixel.
    sums: Vec<i16>,
    /// How many rows were looked at, and the last of them that is not opaque.
    seen: usize,
    translucent: Option<usize>,
}

impl PixelRoom {
    pub fn remake(&mut self, pixels: &Pixels) {
        self.lines.remake(&pixels.rows);
        self.sums.resize(pixels.sums, 0);
    }
}

impl Pixels {
    pub fn remake(&mut self, filter: Filter, step: usize, from: [usize; 2], to: [usize; 2]) {
        self.step = step;
        self.columns.remake(filter, from[0], to[0], 2);
        self.rows.remake(filter, from[1], to[1], 2);
        self.row_len = from[0] * step;
        let pixels = self.columns.extent().max(from[0]);
        self.sums = pixels * step + SLACK;
    }

    /// Writes these rows of a picture.
    pub fn scale(
        &self,
        rows: Range<usize>,
        room: &mut PixelRoom,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        (room.seen, room.translucent) = (0, None);
        for y in rows {
            let is_translucent = self.step == 4 && self.is_translucent(y, room, from);
            let lines = room.lines.weighed(&self.rows, y, from, 0);
            let sums = &mut room.sums[..self.row_len];
            let out = to.row(0, y, 0);
            if is_translucent {
                alpha::rows(&lines, sums);
                alpha::pixels(&room.sums, &self.columns, out);
            } else {
                passes::byte_rows(&lines, sums);
                passes::pixels(&room.sums, &self.columns, self.step, out);
            }
        }
    }

    /// Whether a row that makes row `y` is not opaque.
    fn is_translucent(&self, y: usize, room: &mut PixelRoom, from: &Source<'_>) -> bool {
        let (first, weights) = self.rows.of(y);
        let end = first + counting(weights);
        for row in room.seen.max(first)..end {
            if !alpha::is_opaque(from.row(0, row, 0)) {
                room.translucent = Some(row);
            }
        }
        room.seen = room.seen.max(end);
        room.translucent.is_some_and(|row| row >= first)
    }
}
