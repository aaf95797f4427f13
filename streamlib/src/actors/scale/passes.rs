//! The two sums: over rows, and over columns.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::lines::Weighed;
use super::weights::{BITS, Weights};

/// Writes to each sample of `out` the weighted sum of the samples of the same column in the rows of `samples` that
/// begin at `offsets`; in units of 2^`shift` / 2^14.
pub(super) fn rows(
    samples: &[i16],
    offsets: &[usize],
    weights: &[i16],
    out: &mut [i16],
    shift: u32,
) {
    let done = avx2_rows(samples, offsets, weights, out, shift);
    let half = 1 << shift >> 1;
    for (x, out) in out.iter_mut().enumerate().skip(done) {
        let products = offsets.iter().zip(weights);
        let sum: i32 = products
            .map(|(offset, &weight)| i32::from(samples[offset + x]) * i32::from(weight))
            .sum();
        *out = narrowed((sum + half) >> shift);
    }
}

/// Writes to each sample of `out`, which is sample `first` and those behind it of the result, the weighted sum of its
/// neighbours in `line`, limited to `low..=high`.
pub(super) fn columns(
    line: &[i16],
    weights: &Weights,
    first: usize,
    out: &mut [i16],
    scale: &Scale,
) {
    let done = avx2_columns(line, weights, first, out, scale);
    for (x, out) in out.iter_mut().enumerate().skip(done) {
        let (start, weights) = weights.of(first + x);
        let products = line[start..].iter().zip(weights);
        let sum: i32 = products
            .map(|(&sample, &weight)| i32::from(sample) * i32::from(weight))
            .sum();
        *out = scale.round(sum);
    }
}

/// The same as [`rows`] of bytes, for all of `out`, with the fraction of [`PIXELS`].
pub(super) fn byte_rows(lines: &Weighed<'_>, out: &mut [i16]) {
    let done = avx2_byte_rows(lines, out);
    plain_byte_rows(lines, done, &mut out[done..]);
}

/// From column `first` on.
fn plain_byte_rows(lines: &Weighed<'_>, first: usize, out: &mut [i16]) {
    for (x, out) in (first..).zip(out) {
        let products = lines.offsets.iter().zip(lines.weights);
        let sum: i32 = products
            .map(|(offset, &weight)| i32::from(lines.bytes[offset + x]) * i32::from(weight))
            .sum();
        *out = narrowed((sum + (1 << BYTES_SHIFT >> 1)) >> BYTES_SHIFT);
    }
}

/// Byte `x` of the row that `lines` and `columns` make: what [`byte_rows`] and [`columns`] would.
pub(super) fn byte(lines: &Weighed<'_>, columns: &Weights, x: usize) -> u8 {
    let (start, weights) = columns.of(x);
    let counting = weights
        .iter()
        .enumerate()
        .filter(|(_, weight)| **weight != 0);
    let sums = counting.map(|(at, &weight)| {
        let mut sum = [0];
        plain_byte_rows(lines, start + at, &mut sum);
        i32::from(sum[0]) * i32::from(weight)
    });
    PIXELS.round(sums.sum()) as u8
}

/// Writes the pixels of `step` bytes, weighted sums of neighbours in `line`, of which `out` has room.
pub(super) fn pixels(line: &[i16], weights: &Weights, step: usize, out: &mut [u8]) {
    let done = avx2_pixels(line, weights, step, out);
    for (x, out) in out.chunks_exact_mut(step).enumerate().skip(done) {
        let (start, weights) = weights.of(x);
        for (channel, out) in out.iter_mut().enumerate() {
            let samples = line[start * step + channel..].iter().step_by(step);
            let sum: i32 = samples
                .zip(weights)
                .map(|(&sample, &weight)| i32::from(sample) * i32::from(weight))
                .sum();
            *out = PIXELS.round(sum) as u8;
        }
    }
}

/// How many bits sums of rows of bytes have behind the point, so that they fit into 16 with some room above.
pub(super) const FRACTION: u32 = 6;

/// What the sums of rows of bytes are shifted by, and what sums of those become.
pub(super) const BYTES_SHIFT: u32 = BITS - FRACTION;
pub(super) const PIXELS: Scale = Scale {
    shift: BITS + FRACTION,
    low: 0,
    high: 255,
};

/// What a sum over columns becomes.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub shift: u32,
    pub low: i16,
    pub high: i16,
}

impl Scale {
    /// For samples that have `fraction` more bits than the result.
    pub fn new(fraction: u32, low: i16, high: i16) -> Self {
        Self {
            shift: BITS + fraction,
            low,
            high,
        }
    }

    fn round(&self, sum: i32) -> i16 {
        narrowed((sum + (1 << self.shift >> 1)) >> self.shift).clamp(self.low, self.high)
    }
}

/// The nearest that there is in 16 bits.
pub(super) fn narrowed(value: i32) -> i16 {
    value.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

/// How many samples are done by vectors.
fn avx2_rows(
    samples: &[i16],
    offsets: &[usize],
    weights: &[i16],
    out: &mut [i16],
    shift: u32,
) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::rows(samples, offsets, weights, out, shift) };
    }
    0
}

fn avx2_columns(
    line: &[i16],
    weights: &Weights,
    first: usize,
    out: &mut [i16],
    scale: &Scale,
) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::columns(line, weights, first, out, scale) };
    }
    0
}

fn avx2_byte_rows(lines: &Weighed<'_>, out: &mut [i16]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::bytes::rows(lines, out) };
    }
    0
}

/// How many pixels are done by vectors.
fn avx2_pixels(line: &[i16], weights: &Weights, step: usize, out: &mut [u8]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::pixels::pixels::<false>(line, weights, step, out) };
    }
    0
}
