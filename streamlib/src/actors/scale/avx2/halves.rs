//! Bytes of four rows that make one row of half the width.

use std::arch::x86_64::*;

use super::bytes::load;

/// Samples that are made together.
const COLUMNS: usize = 32;

/// What makes so many: two bytes of each row for every sample, and two behind.
const BYTES: usize = 2 * COLUMNS + 2;

/// How many samples were written: all, where there are as many as are made together.
#[target_feature(enable = "avx2")]
pub fn inner(rows: [&[u8]; 4], out: &mut [u8]) -> usize {
    let Some(last) = out.len().checked_sub(COLUMNS) else {
        return 0;
    };
    // The last are made together with some that are there already.
    for x in (0..last).step_by(COLUMNS).chain([last]) {
        let parts = rows.map(|row| row.get(2 * x..).and_then(|row| row.first_chunk()));
        let ([Some(above), Some(upper), Some(lower), Some(below)], Some(out)) =
            (parts, out[x..].first_chunk_mut())
        else {
            return x;
        };
        some([above, upper, lower, below], out);
    }
    out.len()
}

#[inline]
#[target_feature(enable = "avx2")]
fn some(rows: [&[u8; BYTES]; 4], out: &mut [u8; COLUMNS]) {
    let bytes = _mm256_packus_epi16(half(rows, 0), half(rows, COLUMNS));
    let bytes = _mm256_permute4x64_epi64::<0b11_01_10_00>(bytes);
    // SAFETY: there is room for 32 bytes.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), bytes) };
}

/// Half of the samples: those whose bytes begin at `at`.
#[inline]
#[target_feature(enable = "avx2")]
fn half([above, upper, lower, below]: [&[u8; BYTES]; 4], at: usize) -> __m256i {
    let outer = [pair([1, 3]), pair([3, 1])];
    let inner = [pair([3, 9]), pair([9, 3])];
    let upper = _mm256_add_epi16(four(above, at, outer), four(upper, at, inner));
    let lower = _mm256_add_epi16(four(lower, at, inner), four(below, at, outer));
    // Multiplied by this, what is summed up in 1/64 is divided by 64, and rounded.
    let back = _mm256_set1_epi16(1 << (15 - 6));
    _mm256_mulhrs_epi16(_mm256_add_epi16(upper, lower), back)
}

#[inline]
#[target_feature(enable = "avx2")]
fn pair([left, right]: [i16; 2]) -> __m256i {
    _mm256_set1_epi16(right << 8 | left)
}

/// Sums of four bytes, which begin two bytes behind those of the one before, from byte `at` on.
#[inline]
#[target_feature(enable = "avx2")]
fn four(row: &[u8; BYTES], at: usize, weights: [__m256i; 2]) -> __m256i {
    let left = _mm256_maddubs_epi16(part(row, at), weights[0]);
    _mm256_add_epi16(left, _mm256_maddubs_epi16(part(row, at + 2), weights[1]))
}

#[inline]
#[target_feature(enable = "avx2")]
fn part(row: &[u8; BYTES], at: usize) -> __m256i {
    match row[at..].first_chunk() {
        Some(bytes) => load(bytes),
        None => _mm256_setzero_si256(), // there are as many
    }
}
