//! Weighted sums of neighbouring pixels of three or four samples. `ALPHA` says that their colours count by it.

use std::arch::x86_64::*;

use super::super::alpha;
use super::super::passes::PIXELS;
use super::super::weights::Weights;
use super::{load, load_8};

/// The samples of two pixels of four, side by side, in pairs of the same kind.
const FOUR: [i8; 16] = [0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15];
/// The same for pixels of three.
const THREE: [i8; 16] = [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11, -1, -1, -1, -1];

#[inline]
#[target_feature(enable = "avx2")]
fn mask(step: usize) -> __m128i {
    let order = if step == 4 { &FOUR } else { &THREE };
    // SAFETY: 16 bytes are there.
    unsafe { _mm_loadu_si128(order.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn pair([low, high]: [i16; 2]) -> i32 {
    i32::from(high) << 16 | i32::from(low as u16)
}

/// What a sum begins with: the half of what is shifted away.
const fn half<const ALPHA: bool>() -> i32 {
    if ALPHA { 0 } else { 1 << PIXELS.shift >> 1 }
}

/// What the sums of two pixels become.
#[inline]
#[target_feature(enable = "avx2")]
fn levels<const ALPHA: bool>(sums: __m256i) -> __m256i {
    if !ALPHA {
        return _mm256_sra_epi32(sums, _mm_cvtsi32_si128(PIXELS.shift as i32));
    }
    let sums = _mm256_cvtepi32_ps(sums);
    let alphas = _mm256_permute_ps::<0b11_11_11_11>(sums);
    let alphas = _mm256_max_ps(alphas, _mm256_set1_ps(1.0));
    let colours = _mm256_mul_ps(sums, _mm256_div_ps(_mm256_set1_ps(255.0), alphas));
    let alphas = _mm256_mul_ps(alphas, _mm256_set1_ps(1.0 / alpha::ALPHA));
    let levels = _mm256_blend_ps::<0b1000_1000>(colours, alphas);
    let levels = _mm256_add_ps(levels, _mm256_set1_ps(0.5));
    _mm256_cvttps_epi32(_mm256_min_ps(levels, _mm256_set1_ps(255.0)))
}

/// How many pixels were written, all but some at the end.
#[target_feature(enable = "avx2")]
pub fn pixels<const ALPHA: bool>(
    line: &[i16],
    weights: &Weights,
    step: usize,
    out: &mut [u8],
) -> usize {
    let halving = weights.halving();
    let middle = halving.columns.clone();
    let count = out.len() / step;
    let mut done = 0;
    while done < count {
        if step == 4 && middle.contains(&done) {
            let start = halving.start_of(done) * step;
            let place = &mut out[done * step..middle.end.min(count) * step];
            let made = halved::<ALPHA>(&line[start..], &halving.pairs, place);
            done += made;
            if made > 0 {
                continue;
            }
        }
        let Some(pixel) = one::<ALPHA>(line, weights, step, done) else {
            break;
        };
        out[done * step..][..step].copy_from_slice(&pixel[..step]);
        done += 1;
    }
    done
}

#[inline]
#[target_feature(enable = "avx2")]
fn one<const ALPHA: bool>(
    line: &[i16],
    weights: &Weights,
    step: usize,
    index: usize,
) -> Option<[u8; 4]> {
    let (start, weights) = weights.of(index);
    let mut sum = _mm_set1_epi32(half::<ALPHA>());
    let mask = mask(step);
    let mut at = start * step;
    for &weights in weights.as_chunks::<2>().0 {
        if weights != [0, 0] {
            let samples = load_8(line.get(at..)?.first_chunk()?);
            let samples = _mm_shuffle_epi8(samples, mask);
            sum = _mm_add_epi32(sum, _mm_madd_epi16(samples, _mm_set1_epi32(pair(weights))));
        }
        at += 2 * step;
    }
    let sum = _mm256_castsi256_si128(levels::<ALPHA>(_mm256_castsi128_si256(sum)));
    let sum = _mm_packs_epi32(sum, sum);
    Some(_mm_cvtsi128_si32(_mm_packus_epi16(sum, sum)).to_le_bytes())
}

/// Pixels of four samples in the middle of a row of half the width, four at a time; says how many.
#[inline]
#[target_feature(enable = "avx2")]
fn halved<const ALPHA: bool>(line: &[i16], pairs: &[[i16; 2]], out: &mut [u8]) -> usize {
    let mask = _mm256_broadcastsi128_si256(mask(4));
    let half = _mm256_set1_epi32(half::<ALPHA>());
    let mut done = 0;
    for out in out.as_chunks_mut::<16>().0 {
        // Two pixels further with every pair of weights; the four are made of eight, and of those behind.
        let Some(line) = line.get(done * 8..done * 8 + 24 + 8 * pairs.len()) else {
            break;
        };
        let (mut left, mut right) = (half, half);
        for (samples, &weights) in line.windows(32).step_by(8).zip(pairs) {
            if let [first, second] = samples.as_chunks::<16>().0 {
                let weights = _mm256_set1_epi32(pair(weights));
                let first = _mm256_shuffle_epi8(load(first), mask);
                let second = _mm256_shuffle_epi8(load(second), mask);
                left = _mm256_add_epi32(left, _mm256_madd_epi16(first, weights));
                right = _mm256_add_epi32(right, _mm256_madd_epi16(second, weights));
            }
        }
        let (left, right) = (levels::<ALPHA>(left), levels::<ALPHA>(right));
        // Pixels 0 and 2, then 1 and 3.
        let packed = _mm256_packs_epi32(left, right);
        let packed = _mm256_permute4x64_epi64::<0b11_01_10_00>(packed);
        let (low, high) = (
            _mm256_castsi256_si128(packed),
            _mm256_extracti128_si256::<1>(packed),
        );
        // SAFETY: there is room for 16 bytes.
        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), _mm_packus_epi16(low, high)) };
        done += 4;
    }
    done
}
