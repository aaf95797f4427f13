//! Pixels of three or four bytes, scaled as they lie.

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
    lines: Lines,
    /// Weighted sums of rows, pixel after pixel.
    sums: Vec<i16>,
    /// How many bytes of a row count.
    row_len: usize,
    /// How many rows were looked at, and the last of them that is not opaque.
    seen: usize,
    translucent: Option<usize>,
}

impl Pixels {
    pub fn remake(&mut self, filter: Filter, step: usize, from: [usize; 2], to: [usize; 2]) {
        self.step = step;
        self.columns.remake(filter, from[0], to[0], 2);
        self.rows.remake(filter, from[1], to[1], 2);
        self.lines.remake(&self.rows);
        self.row_len = from[0] * step;
        let pixels = self.columns.extent().max(from[0]);
        self.sums.resize(pixels * step + SLACK, 0);
    }

    /// Writes the first `rows` rows of a picture.
    pub fn scale(&mut self, rows: usize, from: &Source<'_>, to: &mut Target<'_>) {
        (self.seen, self.translucent) = (0, None);
        for y in 0..rows {
            let is_translucent = self.step == 4 && self.is_translucent(y, from);
            let lines = self.lines.weighed(&self.rows, y, from, 0);
            let sums = &mut self.sums[..self.row_len];
            let out = to.row(0, y, 0);
            if is_translucent {
                alpha::rows(&lines, sums);
                alpha::pixels(&self.sums, &self.columns, out);
            } else {
                passes::byte_rows(&lines, sums);
                passes::pixels(&self.sums, &self.columns, self.step, out);
            }
        }
    }

    /// Whether a row that makes row `y` is not opaque.
    fn is_translucent(&mut self, y: usize, from: &Source<'_>) -> bool {
        let (first, weights) = self.rows.of(y);
        let end = first + counting(weights);
        for row in self.seen.max(first)..end {
            if !alpha::is_opaque(from.row(0, row, 0)) {
                self.translucent = Some(row);
            }
        }
        self.seen = self.seen.max(end);
        self.translucent.is_some_and(|row| row >= first)
    }
}
