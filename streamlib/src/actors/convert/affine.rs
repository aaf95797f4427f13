//! From three samples to three others: a matrix and an offset in fixed point.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::tile::{Line, Tile};

/// `out = rows · in + offsets`, limited to `low..=high`.
///
/// Coefficients are 16-bit fractions of 2^`shift`, the largest that they fit, so that a result is within
/// 0.05 of the exact one before it is rounded (`tests.rs` measures it).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Affine {
    pub rows: [[i16; 3]; 3],
    /// In units of 1/2^`shift`, half a unit for rounding not included.
    pub offsets: [f64; 3],
    pub shift: u32,
    pub low: [i16; 3],
    pub high: [i16; 3],
}

/// One output of an [`Affine`], for sums of 2^n inputs.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub coefficients: [i16; 3],
    pub offset: i32,
    pub shift: u32,
    pub low: i16,
    pub high: i16,
}

impl Row {
    /// What makes of rounding down rounding to the nearest.
    fn half(&self) -> i32 {
        1 << self.shift >> 1
    }

    #[inline(always)]
    pub fn apply(&self, input: [i16; 3]) -> i16 {
        let [a, b, c] = self.coefficients.map(i32::from);
        let [x, y, z] = input.map(i32::from);
        let sum = a * x + b * y + c * z + self.offset;
        (sum >> self.shift).clamp(self.low.into(), self.high.into()) as i16
    }
}

impl Affine {
    /// Of the real matrix `rows`, which makes of the input `zero_in` the output `zero_out`.
    pub fn new(
        rows: [[f64; 3]; 3],
        zero_in: [f64; 3],
        zero_out: [f64; 3],
        low: [i16; 3],
        high: [i16; 3],
    ) -> Self {
        let largest = rows
            .iter()
            .flatten()
            .fold(0.0_f64, |most, c| most.max(c.abs()));
        let fits = |shift: &u32| largest * f64::from(1_u32 << shift) <= 32_767.0;
        let shift = (0..=15).rev().find(fits).unwrap_or(0);
        let unit = f64::from(1_u32 << shift);
        let rows = rows.map(|row| row.map(|coefficient| (coefficient * unit).round() as i16));
        // By the rounded coefficients, so that black and grey stay exactly what they are.
        let mut offsets = [0.0; 3];
        for (offset, (row, zero)) in offsets.iter_mut().zip(rows.iter().zip(zero_out)) {
            let moved: f64 = row
                .iter()
                .zip(zero_in)
                .map(|(&c, z)| f64::from(c) * z)
                .sum();
            *offset = zero * unit - moved;
        }
        Self {
            rows,
            offsets,
            shift,
            low,
            high,
        }
    }

    /// Output `index`, when each input is the sum of 2^`doublings` samples, of which the mean is meant.
    pub fn row(&self, index: usize, doublings: u32) -> Row {
        let shift = self.shift + doublings;
        let samples = f64::from(1_u32 << doublings);
        let half = f64::from(1_u32 << shift >> 1);
        Row {
            coefficients: self.rows[index],
            offset: (self.offsets[index] * samples + half).round() as i32,
            shift,
            low: self.low[index],
            high: self.high[index],
        }
    }
}

/// Writes to `out`, for each of the first `count` samples, the output of `row`.
pub(super) fn apply(row: &Row, input: &Tile, out: &mut Line, count: usize) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::plain::apply(row, input, out, count) };
    }
    plain_apply(row, input, out, count);
}

#[inline(always)]
pub(super) fn plain_apply(row: &Row, input: &Tile, out: &mut Line, count: usize) {
    let [x, y, z] = &input.lines;
    for (((out, &x), &y), &z) in out[..count].iter_mut().zip(x).zip(y).zip(z) {
        *out = row.apply([x, y, z]);
    }
}

/// Passes the first `count` samples of `line` through coefficient `index` of `row` alone: for what has no
/// part in the others.
pub(super) fn scale(row: &Row, index: usize, line: &mut Line, count: usize) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::plain::scale(row, index, line, count) };
    }
    plain_scale(row, index, line, count);
}

#[inline(always)]
pub(super) fn plain_scale(row: &Row, index: usize, line: &mut Line, count: usize) {
    let line = &mut line[..count];
    let (coefficient, half) = (i32::from(row.coefficients[index]), row.half());
    let (low, high) = (row.low, row.high);
    // A power of two without an offset, as between 8 and 10 bits, is a shift.
    if row.offset == half && coefficient > 0 && coefficient.count_ones() == 1 {
        let power = coefficient.trailing_zeros();
        if power >= row.shift {
            let up = power - row.shift;
            if up == 0 && low == 0 {
                return; // samples are never above the most that their bits can be
            }
            line.iter_mut()
                .for_each(|sample| *sample = (*sample << up).clamp(low, high));
        } else {
            let down = row.shift - power;
            let half = 1 << (down - 1);
            line.iter_mut()
                .for_each(|sample| *sample = ((*sample + half) >> down).clamp(low, high));
        }
        return;
    }
    for sample in line {
        let value = (i32::from(*sample) * coefficient + row.offset) >> row.shift;
        *sample = value.clamp(low.into(), high.into()) as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_stays_the_same() {
        let identity = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let affine = Affine::new(
            identity,
            [16.0, 128.0, 128.0],
            [16.0, 128.0, 128.0],
            [0; 3],
            [255; 3],
        );
        for level in 0..=255 {
            for doublings in 0..=2 {
                let sum = level << doublings;
                assert_eq!(affine.row(1, doublings).apply([0, sum, 9]), level);
            }
        }
    }
}
