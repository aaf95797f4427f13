//! Rows of bytes of half the width and height through a triangle, in one step: no sum is written down.
//!
//! To the same bits as in two steps, since sums with weights of 1, 3, 3 and 1 are exact in both.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::lines::Weighed;
use super::passes;
use super::weights::{ONE, Weights};

/// The weights, along both axes.
const TRIANGLE: [i16; 4] = [
    (ONE / 8) as i16,
    (ONE / 8 * 3) as i16,
    (ONE / 8 * 3) as i16,
    (ONE / 8) as i16,
];

/// Writes the row that `lines` and `columns` make; not where other weights make it, which is said.
pub(super) fn row(lines: &Weighed<'_>, columns: &Weights, out: &mut [u8]) -> bool {
    let halving = columns.halving();
    if lines.weights != TRIANGLE || halving.pairs.as_flattened() != TRIANGLE {
        return false;
    }
    let middle = halving.columns.clone();
    let mut rows = [&[][..]; 4];
    for (row, offset) in rows.iter_mut().zip(lines.offsets) {
        *row = &lines.bytes[offset + halving.start..][..middle.len() * 2 + 2];
    }
    inner(rows, &mut out[middle.clone()]);
    for x in (0..middle.start).chain(middle.end..out.len()) {
        out[x] = passes::byte(lines, columns, x);
    }
    true
}

/// Each of `out` is made of four bytes of each row, which begin two bytes behind those of the one before.
fn inner(rows: [&[u8]; 4], out: &mut [u8]) {
    let done = avx2_inner(rows, out);
    for (x, out) in out.iter_mut().enumerate().skip(done) {
        let [above, upper, lower, below] = rows.map(|row| {
            let sample = |at: usize| u16::from(row[2 * x + at]);
            sample(0) + 3 * (sample(1) + sample(2)) + sample(3)
        });
        *out = ((above + 3 * (upper + lower) + below + 32) >> 6) as u8;
    }
}

/// How many samples are done by vectors.
fn avx2_inner(rows: [&[u8]; 4], out: &mut [u8]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::halves::inner(rows, out) };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_make_what_is_made_one_by_one() {
        let noise = |at: usize| (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let bytes: Vec<u8> = (0..4 * 260).map(|at| noise(at) as u8).collect();
        let white = vec![255; 4 * 260];
        for (bytes, count) in [(&bytes, 128), (&bytes, 33), (&bytes, 31), (&white, 32)] {
            let rows = [0, 1, 2, 3].map(|row| &bytes[row * 260..][..260]);
            let mut together = vec![0; count];
            inner(rows, &mut together);
            for (x, &byte) in together.iter().enumerate() {
                let mut alone = [0];
                inner(rows.map(|row| &row[2 * x..]), &mut alone);
                assert_eq!([byte], alone, "{x} of {count}");
            }
        }
    }
}
