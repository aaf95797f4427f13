//! Planes of one size: the rows of the source that are needed, and what becomes of them.

use super::alpha;
use super::passes::{self, Scale};
use super::weights::{Filter, Weights};
use super::window::Window;
use crate::actors::convert::rows::Source;
use crate::actors::convert::tile::SLACK;
use crate::message::Plane;

/// Planes of one size.
#[derive(Default)]
pub(super) struct Grid {
    columns: Weights,
    rows: Weights,
    pub window: Window,
    /// Weighted sums of rows, plane after plane.
    sums: Vec<i16>,
    row_len: usize,
    offsets: Vec<usize>,
    packed: Packed,
}

/// Pixels of three or four bytes that are scaled as they lie.
#[derive(Default)]
struct Packed {
    /// How many bytes a pixel has; 0 where none are scaled so.
    step: usize,
    columns: Weights,
    /// Weighted sums of rows, pixel after pixel.
    sums: Vec<i16>,
    /// How many rows were looked at, and the last of them that is not opaque.
    seen: usize,
    translucent: Option<usize>,
}

impl Grid {
    pub fn remake(&mut self, filter: Filter, planes: usize, from: [usize; 2], to: [usize; 2]) {
        self.columns.remake(filter, from[0], to[0], 8);
        self.rows.remake(filter, from[1], to[1], 2);
        self.window.remake(planes, from[0], self.rows.taps);
        self.row_len = self.columns.extent().max(from[0]).next_multiple_of(SLACK);
        self.sums.resize(self.row_len * planes, 0);
        self.offsets.clear();
        self.offsets.reserve(self.rows.taps);
        self.packed.step = 0;
    }

    /// For pixels of `step` bytes too, as they lie.
    pub fn remake_packed(&mut self, filter: Filter, step: usize, from: usize, to: usize) {
        let packed = &mut self.packed;
        packed.columns.remake(filter, from, to, 2);
        let pixels = packed.columns.extent().max(from);
        packed.sums.resize(pixels * step + SLACK, 0);
        packed.step = step;
    }

    /// Another picture begins.
    pub fn clear(&mut self) {
        self.window.clear();
        (self.packed.seen, self.packed.translucent) = (0, None);
    }

    /// Sums up the rows of bytes that make row `y` of a plane, straight from the picture.
    pub fn sum_bytes(&mut self, plane: usize, y: usize, from: &Source<'_>, of: usize) {
        let (first, weights) = self.rows.of(y);
        let weights = &weights[..counting(weights).next_multiple_of(2)];
        rows_of(from, of, first, weights, &mut self.offsets);
        let sums = &mut self.sums[plane * self.row_len..][..self.window.width()];
        let bytes = from.planes[of].as_ref().map_or(&[][..], Plane::bytes);
        passes::byte_rows(bytes, &self.offsets, weights, sums);
    }

    /// The same for pixels as they lie; not where some are translucent, which is said.
    pub fn sum_pixels(&mut self, y: usize, from: &Source<'_>) -> bool {
        let packed = &mut self.packed;
        if packed.step == 0 {
            return false;
        }
        let (first, weights) = self.rows.of(y);
        let weights = &weights[..counting(weights).next_multiple_of(2)];
        if packed.step == 4 {
            let end = first + counting(weights);
            for row in packed.seen.max(first)..end {
                if !alpha::is_opaque(from.row(0, row, 0)) {
                    packed.translucent = Some(row);
                }
            }
            packed.seen = packed.seen.max(end);
            if packed.translucent.is_some_and(|row| row >= first) {
                return false;
            }
        }
        rows_of(from, 0, first, weights, &mut self.offsets);
        let sums = &mut packed.sums[..self.window.width() * packed.step];
        let bytes = from.planes[0].as_ref().map_or(&[][..], Plane::bytes);
        passes::byte_rows(bytes, &self.offsets, weights, sums);
        true
    }

    /// All pixels of a row of the result, from what [`sum_pixels`](Self::sum_pixels) has summed up.
    pub fn pixels(&self, out: &mut [u8]) {
        let packed = &self.packed;
        passes::pixels(&packed.sums, &packed.columns, packed.step, out);
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

/// How many weights there are without those at the end that are 0: they stand for rows that may not be there.
fn counting(weights: &[i16]) -> usize {
    let last = weights.iter().rposition(|&weight| weight != 0);
    last.unwrap_or(0) + 1
}

/// Where the rows of plane `of` begin that are weighed, from row `first` on.
fn rows_of(from: &Source<'_>, of: usize, first: usize, weights: &[i16], offsets: &mut Vec<usize>) {
    let stride = from.planes[of].as_ref().map_or(0, |plane| plane.stride());
    let last = first + counting(weights) - 1;
    let rows = (first..first + weights.len()).map(|row| row.min(last));
    offsets.clear();
    offsets.extend(rows.map(|row| (row * from.field.step + from.field.first) * stride));
}
