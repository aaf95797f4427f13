//! Planes of one size: the rows of the source that are needed, and what becomes of them.

use super::halves;
use super::lines::{Lines, counting};
use super::passes::{self, PIXELS, Scale};
use super::weights::{Filter, Weights};
use super::window::Window;
use crate::actors::convert::pack;
use crate::actors::convert::rows::Source;
use crate::actors::convert::tile::{Line, SLACK, TILE};

/// Planes of one size.
#[derive(Default)]
pub(super) struct Grid {
    columns: Weights,
    rows: Weights,
    lines: Lines,
    pub window: Window,
    /// Weighted sums of rows, plane after plane.
    sums: Vec<i16>,
    row_len: usize,
    offsets: Vec<usize>,
}

impl Grid {
    pub fn remake(&mut self, filter: Filter, planes: usize, from: [usize; 2], to: [usize; 2]) {
        self.columns.remake(filter, from[0], to[0], 8);
        self.rows.remake(filter, from[1], to[1], 2);
        self.lines.remake(&self.rows);
        self.window.remake(planes, from[0], self.rows.taps);
        self.row_len = self.columns.extent().max(from[0]).next_multiple_of(SLACK);
        self.sums.resize(self.row_len * planes, 0);
        self.offsets.clear();
        self.offsets.reserve(self.rows.taps);
    }

    /// Another picture begins.
    pub fn clear(&mut self) {
        self.window.clear();
    }

    /// How many rows the result has.
    pub fn height(&self) -> usize {
        self.rows.count()
    }

    /// Writes row `y` of plane `of`, whose samples are bytes, straight from the picture; in `line` it works.
    pub fn scale_bytes(
        &mut self,
        y: usize,
        (from, of): (&Source<'_>, usize),
        out: &mut [u8],
        line: &mut Line,
    ) {
        let width = self.columns.count();
        let out = &mut out[..width];
        let lines = self.lines.weighed(&self.rows, y, from, of);
        if halves::row(&lines, &self.columns, out) {
            return;
        }
        passes::byte_rows(&lines, &mut self.sums[..self.window.width()]);
        let sums = &self.sums[..self.row_len];
        for x in (0..width).step_by(TILE) {
            let count = TILE.min(width - x);
            passes::columns(sums, &self.columns, x, &mut line[..count], &PIXELS);
            pack::planar(line, &mut out[x..], count);
        }
    }

    /// Sums up the rows that make row `y`, of all planes; `load` fills in a row of the source.
    pub fn sum_rows(&mut self, y: usize, shift: u32, mut load: impl FnMut(usize, &mut Window)) {
        let (first, weights) = self.rows.of(y);
        let last = first + counting(weights) - 1;
        for row in first..=last {
            if self.window.take_in(row) {
                load(row, &mut self.window);
            }
        }
        let width = self
            .window
            .width()
            .next_multiple_of(SLACK)
            .min(self.row_len);
        for (plane, sums) in self.sums.chunks_exact_mut(self.row_len).enumerate() {
            self.offsets.clear();
            let rows = (first..first + weights.len()).map(|row| row.min(last));
            self.offsets
                .extend(rows.map(|row| self.window.offset(plane, row)));
            let samples = self.window.samples();
            passes::rows(samples, &self.offsets, weights, &mut sums[..width], shift);
        }
    }

    /// `out.len()` samples of the result, from sample `x` on.
    pub fn sum_columns(&self, plane: usize, x: usize, out: &mut [i16], scale: &Scale) {
        let sums = &self.sums[plane * self.row_len..][..self.row_len];
        passes::columns(sums, &self.columns, x, out, scale);
    }
}
