//! Planes of one size: the rows of the source that are needed, and what becomes of them.

use super::halves;
use super::lines::{Lines, counting};
use super::passes::{self, PIXELS, Scale};
use super::weights::{Filter, Weights};
use super::window::Window;
use crate::actors::convert::pack;
use crate::actors::convert::rows::Source;
use crate::actors::convert::tile::{Line, SLACK, TILE};

/// Planes of one size: the weights.
#[derive(Default)]
pub(super) struct Grid {
    columns: Weights,
    rows: Weights,
    planes: usize,
    width: usize,
    row_len: usize,
}

/// What rows of such planes are made in.
#[derive(Default)]
pub(super) struct GridRoom {
    lines: Lines,
    pub window: Window,
    /// Weighted sums of rows, plane after plane.
    sums: Vec<i16>,
    offsets: Vec<usize>,
}

impl GridRoom {
    pub fn remake(&mut self, grid: &Grid) {
        self.lines.remake(&grid.rows);
        self.window.remake(grid.planes, grid.width, grid.rows.taps);
        self.sums.resize(grid.row_len * grid.planes, 0);
        self.offsets.clear();
        self.offsets.reserve(grid.rows.taps);
    }

    /// Another picture begins.
    pub fn clear(&mut self) {
        self.window.clear();
    }
}

impl Grid {
    pub fn remake(&mut self, filter: Filter, planes: usize, from: [usize; 2], to: [usize; 2]) {
        self.columns.remake(filter, from[0], to[0], 8);
        self.rows.remake(filter, from[1], to[1], 2);
        (self.planes, self.width) = (planes, from[0]);
        self.row_len = self.columns.extent().max(from[0]).next_multiple_of(SLACK);
    }

    /// Writes row `y` of plane `of`, whose samples are bytes, straight from the picture; in `line` it works.
    pub fn scale_bytes(
        &self,
        y: usize,
        room: &mut GridRoom,
        (from, of): (&Source<'_>, usize),
        out: &mut [u8],
        line: &mut Line,
    ) {
        let width = self.columns.count();
        let out = &mut out[..width];
        let lines = room.lines.weighed(&self.rows, y, from, of);
        if halves::row(&lines, &self.columns, out) {
            return;
        }
        passes::byte_rows(&lines, &mut room.sums[..self.width]);
        let sums = &room.sums[..self.row_len];
        for x in (0..width).step_by(TILE) {
            let count = TILE.min(width - x);
            passes::columns(sums, &self.columns, x, &mut line[..count], &PIXELS);
            pack::planar(line, &mut out[x..], count);
        }
    }

    /// Sums up the rows that make row `y`, of all planes; `load` fills in a row of the source.
    pub fn sum_rows(
        &self,
        y: usize,
        room: &mut GridRoom,
        shift: u32,
        mut load: impl FnMut(usize, &mut Window),
    ) {
        let (first, weights) = self.rows.of(y);
        let last = first + counting(weights) - 1;
        for row in first..=last {
            if room.window.take_in(row) {
                load(row, &mut room.window);
            }
        }
        let width = self.width.next_multiple_of(SLACK).min(self.row_len);
        for (plane, sums) in room.sums.chunks_exact_mut(self.row_len).enumerate() {
            room.offsets.clear();
            let rows = (first..first + weights.len()).map(|row| row.min(last));
            room.offsets
                .extend(rows.map(|row| room.window.offset(plane, row)));
            let samples = room.window.samples();
            passes::rows(samples, &room.offsets, weights, &mut sums[..width], shift);
        }
    }

    /// `out.len()` samples of the result, from sample `x` on.
    pub fn sum_columns(
        &self,
        room: &GridRoom,
        plane: usize,
        x: usize,
        out: &mut [i16],
        scale: &Scale,
    ) {
        let sums = &room.sums[plane * self.row_len..][..self.row_len];
        passes::columns(sums, &self.columns, x, out, scale);
    }
}
