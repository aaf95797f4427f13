//! Pixels of three or four bytes, scaled as they lie.

use std::ops::Range;

use super::alpha;
use super::lines::{Lines, counting};
use super::passes;
use super::weights::{Filter, Weights};
use crate::actors::convert::rows::{Source, Target};
use crate::actors::convert::tile::SLACK;
use crate::actors::opaque::are_opaque;

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
    /// Weighted sums of rows, pixel after pixel: of one, and of the next where both are made at once.
    sums: [Vec<i16>; 2],
    /// How many rows were looked at, and the last of them that is not opaque.
    seen: usize,
    translucent: Option<usize>,
}

impl PixelRoom {
    pub fn remake(&mut self, pixels: &Pixels) {
        self.lines.remake(&pixels.rows);
        for sums in &mut self.sums {
            sums.resize(pixels.sums, 0);
        }
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
        let mut left = rows;
        while let Some(y) = left.next() {
            if self.step < 4 || !self.is_translucent(y, room, from) {
                let lines = room.lines.weighed(&self.rows, y, from, 0);
                passes::byte_rows(&lines, &mut room.sums[0][..self.row_len]);
                passes::pixels(&room.sums[0], &self.columns, self.step, to.row(0, y, 0));
                continue;
            }
            let goes_on = !left.is_empty() && self.is_translucent(y + 1, room, from);
            let lines = &mut room.lines;
            let [sums, next_sums] = &mut room.sums;
            if goes_on
                && let Some((lines, offsets)) = lines.weighed_with_next(&self.rows, y, from, 0)
            {
                let out = [&mut sums[..self.row_len], &mut next_sums[..self.row_len]];
                alpha::two_rows(&lines, offsets, out);
                alpha::pixels(sums, &self.columns, to.row(0, y, 0));
                alpha::pixels(next_sums, &self.columns, to.row(0, y + 1, 0));
                left.next();
            } else {
                let lines = lines.weighed(&self.rows, y, from, 0);
                alpha::rows(&lines, &mut sums[..self.row_len]);
                alpha::pixels(sums, &self.columns, to.row(0, y, 0));
            }
        }
    }

    /// Whether a row that makes row `y` is not opaque.
    fn is_translucent(&self, y: usize, room: &mut PixelRoom, from: &Source<'_>) -> bool {
        let (first, weights) = self.rows.of(y);
        let end = first + counting(weights);
        for row in room.seen.max(first)..end {
            if !are_opaque(from.row(0, row, 0)) {
                room.translucent = Some(row);
            }
        }
        room.seen = room.seen.max(end);
        room.translucent.is_some_and(|row| row >= first)
    }
}
