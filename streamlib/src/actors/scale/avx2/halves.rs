//! Bytes of four rows, or two, that make one row of half the width.

use std::arch::x86_64::*;

use super::super::lines::Weighed;
use super::ask;
use super::bytes::load;

/// Samples that are made together.
const COLUMNS: usize = 32;

/// What makes so many by a triangle: two bytes of each row for every sample, and two behind.
const FOURS: usize = 2 * COLUMNS + 2;

/// The same of a box.
const TWOS: usize = 2 * COLUMNS;

/// How many samples were written: all, where there are as many as are made together.
#[target_feature(enable = "avx2")]
pub fn triangle(lines: &Weighed<'_>, rows: [&[u8]; 4], out: &mut [u8]) -> usize {
    each::<FOURS, 4>(lines, rows, out, |rows| {
        [weighed(rows, 0), weighed(rows, COLUMNS)]
    })
}

/// The same of two rows.
#[target_feature(enable = "avx2")]
pub fn pairs(lines: &Weighed<'_>, rows: [&[u8]; 2], out: &mut [u8]) -> usize {
    each::<TWOS, 2>(lines, rows, out, |rows| {
        [mean(rows, 0), mean(rows, COLUMNS)]
    })
}

/// Writes what `make` makes of `BYTES` bytes of each row.
#[inline]
#[target_feature(enable = "avx2")]
fn each<const BYTES: usize, const ROWS: usize>(
    lines: &Weighed<'_>,
    rows: [&[u8]; ROWS],
    out: &mut [u8],
    make: impl Fn([&[u8; BYTES]; ROWS]) -> [__m256i; 2],
) -> usize {
    let Some(last) = out.len().checked_sub(COLUMNS) else {
        return 0;
    };
    // The last are made together with some that are there already.
    for x in (0..last).step_by(COLUMNS).chain([last]) {
        ask::<_MM_HINT_T0>(lines, 2 * x);
        let mut parts = [&[0; BYTES]; ROWS];
        for (part, row) in parts.iter_mut().zip(rows) {
            match row.get(2 * x..).and_then(|row| row.first_chunk()) {
                Some(bytes) => *part = bytes,
                None => return x,
            }
        }
        let [left, right] = make(parts);
        let bytes = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packus_epi16(left, right));
        let out = &mut out[x..x + COLUMNS];
        // SAFETY: there is room for 32 bytes.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), bytes) };
    }
    out.len()
}

/// Half of the samples: those whose bytes begin at `at`.
#[inline]
#[target_feature(enable = "avx2")]
fn weighed([above, upper, lower, below]: [&[u8; FOURS]; 4], at: usize) -> __m256i {
    let outer = [pair([1, 3]), pair([3, 1])];
    let inner = [pair([3, 9]), pair([9, 3])];
    let upper = _mm256_add_epi16(four(above, at, outer), four(upper, at, inner));
    let lower = _mm256_add_epi16(four(lower, at, inner), four(below, at, outer));
    // Multiplied by this, what is summed up in 1/64 is divided by 64, and rounded.
    let back = _mm256_set1_epi16(1 << (15 - 6));
    _mm256_mulhrs_epi16(_mm256_add_epi16(upper, lower), back)
}

/// The same, each the mean of two bytes of each row.
#[inline]
#[target_feature(enable = "avx2")]
fn mean([upper, lower]: [&[u8; TWOS]; 2], at: usize) -> __m256i {
    let upper = _mm256_maddubs_epi16(part(upper, at), pair([1, 1]));
    let lower = _mm256_maddubs_epi16(part(lower, at), pair([1, 1]));
    let sums = _mm256_add_epi16(_mm256_add_epi16(upper, lower), _mm256_set1_epi16(2));
    _mm256_srli_epi16::<2>(sums)
}

#[inline]
#[target_feature(enable = "avx2")]
fn pair([left, right]: [i16; 2]) -> __m256i {
    _mm256_set1_epi16(right << 8 | left)
}

/// Sums of four bytes, which begin two bytes behind those of the one before, from byte `at` on.
#[inline]
#[target_feature(enable = "avx2")]
fn four(row: &[u8; FOURS], at: usize, weights: [__m256i; 2]) -> __m256i {
    let left = _mm256_maddubs_epi16(part(row, at), weights[0]);
    _mm256_add_epi16(left, _mm256_maddubs_epi16(part(row, at + 2), weights[1]))
}

#[inline]
#[target_feature(enable = "avx2")]
fn part(row: &[u8], at: usize) -> __m256i {
    match row[at..].first_chunk() {
        Some(bytes) => load(bytes),
        None => _mm256_setzero_si256(), // there are as many
    }
}
