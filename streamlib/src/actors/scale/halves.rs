//! Rows of bytes of half the width and height through a triangle or a box, in one step: no sum is written down.
//!
//! To the same bits as in two steps, since sums with weights of 1, 3, 3 and 1, or of 1 and 1, are exact in both.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::lines::Weighed;
use super::passes;
use super::weights::{ONE, Weights};

/// The weights of a triangle, along both axes.
const TRIANGLE: [i16; 4] = [
    (ONE / 8) as i16,
    (ONE / 8 * 3) as i16,
    (ONE / 8 * 3) as i16,
    (ONE / 8) as i16,
];

/// Those of a box.
const BOX: [i16; 2] = [(ONE / 2) as i16; 2];

/// Writes the row that `lines` and `columns` make; not where other weights make it, which is said.
pub(super) fn row(lines: &Weighed<'_>, columns: &Weights, out: &mut [u8]) -> bool {
    let weights = columns.halving().pairs.as_flattened();
    if lines.weights == TRIANGLE && weights == TRIANGLE {
        middle::<4>(lines, columns, out, |rows, out| {
            triangle(lines, rows, out);
        });
    } else if lines.weights == BOX && weights == BOX {
        middle::<2>(lines, columns, out, |rows, out| {
            pairs(lines, rows, out);
        });
    } else {
        return false;
    }
    true
}

/// Has `inner` write the columns that have the same weights, of as many rows as there are weights, and writes the others.
fn middle<const TAPS: usize>(
    lines: &Weighed<'_>,
    columns: &Weights,
    out: &mut [u8],
    inner: impl FnOnce([&[u8]; TAPS], &mut [u8]),
) {
    let halving = columns.halving();
    let middle = halving.columns.clone();
    let mut rows = [&[][..]; TAPS];
    for (row, offset) in rows.iter_mut().zip(lines.offsets) {
        *row = &lines.bytes[offset + halving.start..][..(middle.len() - 1) * 2 + TAPS];
    }
    inner(rows, &mut out[middle.clone()]);
    for x in (0..middle.start).chain(middle.end..out.len()) {
        out[x] = passes::byte(lines, columns, x);
    }
}

/// Each of `out` is made of four bytes of each row, which begin two bytes behind those of the one before.
fn triangle(lines: &Weighed<'_>, rows: [&[u8]; 4], out: &mut [u8]) {
    let done = avx2_triangle(lines, rows, out);
    for (x, out) in out.iter_mut().enumerate().skip(done) {
        let [above, upper, lower, below] = rows.map(|row| {
            let sample = |at: usize| u16::from(row[2 * x + at]);
            sample(0) + 3 * (sample(1) + sample(2)) + sample(3)
        });
        *out = ((above + 3 * (upper + lower) + below + 32) >> 6) as u8;
    }
}

/// Each of `out` is the mean of two bytes of each row.
fn pairs(lines: &Weighed<'_>, rows: [&[u8]; 2], out: &mut [u8]) {
    let done = avx2_pairs(lines, rows, out);
    let [upper, lower] = rows.map(|row| row.as_chunks::<2>().0[done..].iter());
    for ((upper, lower), out) in upper.zip(lower).zip(&mut out[done..]) {
        let sum = |pair: &[u8; 2]| u16::from(pair[0]) + u16::from(pair[1]);
        *out = ((sum(upper) + sum(lower) + 2) >> 2) as u8;
    }
}

/// How many samples are done by vectors.
fn avx2_triangle(lines: &Weighed<'_>, rows: [&[u8]; 4], out: &mut [u8]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::halves::triangle(lines, rows, out) };
    }
    0
}

fn avx2_pairs(lines: &Weighed<'_>, rows: [&[u8]; 2], out: &mut [u8]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::halves::pairs(lines, rows, out) };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::super::lines::Ahead;
    use super::*;

    const NOTHING: Weighed<'_> = Weighed {
        bytes: &[],
        offsets: &[],
        weights: &[],
        ahead: Ahead {
            start: 0,
            stride: 0,
            rows: 0,
        },
    };

    #[test]
    fn vectors_make_what_is_made_one_by_one() {
        let noise = |at: usize| (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let bytes: Vec<u8> = (0..4 * 260).map(|at| noise(at) as u8).collect();
        let white = vec![255; 4 * 260];
        for (bytes, count) in [(&bytes, 128), (&bytes, 33), (&bytes, 31), (&white, 32)] {
            let rows = [0, 1, 2, 3].map(|row| &bytes[row * 260..][..260]);
            let mut together = [vec![0; count], vec![0; count]];
            triangle(&NOTHING, rows, &mut together[0]);
            pairs(&NOTHING, [rows[0], rows[1]], &mut together[1]);
            for x in 0..count {
                let mut alone = [[0], [0]];
                let rows = rows.map(|row| &row[2 * x..]);
                triangle(&NOTHING, rows, &mut alone[0]);
                pairs(&NOTHING, [rows[0], rows[1]], &mut alone[1]);
                assert_eq!(
                    [together[0][x], together[1][x]],
                    [alone[0][0], alone[1][0]],
                    "{x} of {count}"
                );
            }
        }
    }
}
