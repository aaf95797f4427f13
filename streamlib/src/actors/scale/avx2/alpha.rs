//! Weighted sums of rows of pixels, whose colours count by their alpha.

use std::arch::x86_64::*;

use super::super::alpha::SHIFT;
use super::super::lines::Weighed;
use super::super::weights::ONE;
use super::bytes::{COLUMNS, columns, load, write};

/// Of two pixels whose bytes are in turn with those below them, the two alphas four times, as numbers of 16 bits.
const FIRST: [i8; 16] = [6, -1, 7, -1, 6, -1, 7, -1, 6, -1, 7, -1, 6, -1, 7, -1];
const SECOND: [i8; 16] = [
    14, -1, 15, -1, 14, -1, 15, -1, 14, -1, 15, -1, 14, -1, 15, -1,
];

#[inline]
#[target_feature(enable = "avx2")]
fn mask(order: &[i8; 16]) -> __m256i {
    // SAFETY: 16 bytes are there.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(order.as_ptr().cast()) })
}

/// How many columns were written.
#[target_feature(enable = "avx2")]
pub fn rows(lines: &Weighed<'_>, out: &mut [i16]) -> usize {
    let (pairs, offsets) = (
        lines.weights.as_chunks::<2>().0,
        lines.offsets.as_chunks::<2>().0,
    );
    let (first, second) = (mask(&FIRST), mask(&SECOND));
    let zero = _mm256_setzero_si256();
    // In place of an alpha as a level stands 255.
    let white = _mm256_set1_epi64x(0xFFFF << 48);
    // A product of two bytes fits into 16 bits with a sign once half of what is possible is taken away; all weights
    // together put it back.
    let sign = _mm256_set1_epi16(i16::MIN);
    let begin = _mm256_set1_epi32((ONE << 15) + (1 << SHIFT >> 1));
    let mut done = 0;
    for out in out.as_chunks_mut::<COLUMNS>().0 {
        let mut sums = [begin; 4];
        for (&[low, high], &[above, below]) in pairs.iter().zip(offsets) {
            let weight = _mm256_set1_epi32(i32::from(high) << 16 | i32::from(low as u16));
            let (Some(above), Some(below)) = (
                columns(lines.bytes, above + done),
                columns(lines.bytes, below + done),
            ) else {
                return done;
            };
            let (above, below) = (load(above), load(below));
            for (index, pixels) in [
                _mm256_unpacklo_epi8(above, below),
                _mm256_unpackhi_epi8(above, below),
            ]
            .into_iter()
            .enumerate()
            {
                let levels = _mm256_or_si256(pixels, white);
                let parts = [
                    (_mm256_unpacklo_epi8(levels, zero), first),
                    (_mm256_unpackhi_epi8(levels, zero), second),
                ];
                for ((levels, mask), sum) in parts.into_iter().zip(&mut sums[2 * index..]) {
                    let alphas = _mm256_shuffle_epi8(pixels, mask);
                    let products = _mm256_xor_si256(_mm256_mullo_epi16(levels, alphas), sign);
                    *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(products, weight));
                }
            }
        }
        for sum in &mut sums {
            *sum = _mm256_srai_epi32::<{ SHIFT as i32 }>(*sum);
        }
        let low = _mm256_packs_epi32(sums[0], sums[1]);
        let high = _mm256_packs_epi32(sums[2], sums[3]);
        write(out, low, high);
        done += COLUMNS;
    }
    done
}
