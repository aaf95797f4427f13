//! The rows of bytes that make a row of the result, where they lie.

use super::weights::Weights;
use crate::actors::convert::rows::Source;
use crate::message::Plane;

/// Where they begin; the memory is kept from row to row.
#[derive(Default)]
pub(super) struct Lines {
    offsets: Vec<usize>,
}

/// Rows of `bytes` that begin at `offsets`, an even number, and how much each of them counts.
#[derive(Clone, Copy)]
pub(super) struct Weighed<'a> {
    pub bytes: &'a [u8],
    pub offsets: &'a [usize],
    pub weights: &'a [i16],
    /// What the next row of the result needs and this one does not.
    pub ahead: Ahead,
}

/// Rows that are asked for while those before them are worked on, since processors fetch ahead within pages and not from
/// row to row.
#[derive(Clone, Copy, Default)]
pub(super) struct Ahead {
    /// Where the first of them begins.
    pub start: usize,
    pub stride: usize,
    pub rows: usize,
}

/// The most rows that are asked for.
const MOST_AHEAD: usize = 4;

impl Lines {
    /// Makes room for as many rows as `weights` can ask for.
    pub fn remake(&mut self, weights: &Weights) {
        self.offsets.clear();
        self.offsets.reserve(weights.taps + 2);
    }

    /// What makes row `y`, of plane `of`.
    pub fn weighed<'a>(
        &'a mut self,
        weights: &'a Weights,
        y: usize,
        from: &Source<'a>,
        of: usize,
    ) -> Weighed<'a> {
        let next = (y + 1 < weights.count()).then(|| weights.of(y + 1).0);
        let (first, weights) = weights.of(y);
        let count = counting(weights);
        let weights = &weights[..count.next_multiple_of(2)];
        let stride = from.planes[of].as_ref().map_or(0, Plane::stride);
        let ahead = Ahead {
            start: ((first + count) * from.field.step + from.field.first) * stride,
            stride: from.field.step * stride,
            rows: next.map_or(0, |next| next - first).min(MOST_AHEAD),
        };
        let rows = (first..first + weights.len()).map(|row| row.min(first + count - 1));
        self.find(rows, from, stride);
        Weighed {
            bytes: from.planes[of].as_ref().map_or(&[][..], Plane::bytes),
            offsets: &self.offsets,
            weights,
            ahead,
        }
    }

    /// What makes row `y`, and where all rows begin that make it and the next one; only if that has the same weights, two rows
    /// further down.
    pub fn weighed_with_next<'a>(
        &'a mut self,
        weights: &'a Weights,
        y: usize,
        from: &Source<'a>,
        of: usize,
    ) -> Option<(Weighed<'a>, &'a [usize])> {
        let last = weights.count().checked_sub(1).filter(|&last| last > y)?;
        let ((first, own), (next, same)) = (weights.of(y), weights.of(y + 1));
        let count = counting(own);
        if own != same || next != first + 2 || !count.is_multiple_of(2) {
            return None;
        }
        let stride = from.planes[of].as_ref().map_or(0, Plane::stride);
        let rows = first..first + count + 2;
        let ahead = Ahead {
            start: (rows.end * from.field.step + from.field.first) * stride,
            stride: from.field.step * stride,
            rows: (weights.of((y + 3).min(last)).0 - next).min(MOST_AHEAD),
        };
        self.find(rows, from, stride);
        let lines = Weighed {
            bytes: from.planes[of].as_ref().map_or(&[][..], Plane::bytes),
            offsets: &self.offsets[..count],
            weights: &own[..count],
            ahead,
        };
        Some((lines, &self.offsets))
    }

    /// Notes where these rows of a field begin.
    fn find(&mut self, rows: impl Iterator<Item = usize>, from: &Source<'_>, stride: usize) {
        let offset = |row: usize| (row * from.field.step + from.field.first) * stride;
        self.offsets.clear();
        self.offsets.extend(rows.map(offset));
    }
}

/// How many weights there are without those at the end that are 0: they stand for rows that may not be there.
pub(super) fn counting(weights: &[i16]) -> usize {
    let last = weights.iter().rposition(|&weight| weight != 0);
    last.unwrap_or(0) + 1
}
