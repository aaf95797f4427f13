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
fn mask(step: usize) -> __m256i {
    let order = if step == 4 { &FOUR } else { &THREE };
    // SAFETY: 16 bytes are there.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(order.as_ptr().cast()) })
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
    let colours = _mm256_div_ps(_mm256_set1_ps(255.0), alphas);
    // An alpha below 1 becomes 0 in any case.
    let factors = _mm256_blend_ps::<0b1000_1000>(colours, _mm256_set1_ps(1.0 / alpha::ALPHA));
    let levels = _mm256_add_ps(_mm256_mul_ps(sums, factors), _mm256_set1_ps(0.5));
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
    if step == 4 {
        pixels_of::<ALPHA, 4>(line, weights, out)
    } else {
        pixels_of::<ALPHA, 3>(line, weights, out)
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn pixels_of<const ALPHA: bool, const STEP: usize>(
    line: &[i16],
    weights: &Weights,
    out: &mut [u8],
) -> usize {
    let halving = weights.halving();
    let middle = halving.columns.clone();
    let count = out.len() / STEP;
    let mut done = 0;
    while done < count {
        if STEP == 4 && middle.contains(&done) {
            let start = halving.start_of(done) * STEP;
            let place = &mut out[done * STEP..middle.end.min(count) * STEP];
            let made = halved::<ALPHA>(&line[start..], &halving.pairs, place);
            done += made;
            if made > 0 {
                continue;
            }
        }
        // The last of an odd number is made with itself.
        let second = (done + 1).min(count - 1);
        let Some(pixels) = two::<ALPHA, STEP>(line, weights, [done, second]) else {
            break;
        };
        for (index, pixel) in [done, second].into_iter().zip(pixels.as_chunks::<4>().0) {
            if let (Some(out), Some(pixel)) = (
                out[index * STEP..].first_chunk_mut::<STEP>(),
                pixel.first_chunk::<STEP>(),
            ) {
                *out = *pixel;
            }
        }
        done = second + 1;
    }
    done
}

/// Two pixels, of four bytes here whatever they have.
#[inline]
#[target_feature(enable = "avx2")]
fn two<const ALPHA: bool, const STEP: usize>(
    line: &[i16],
    weights: &Weights,
    indices: [usize; 2],
) -> Option<[u8; 8]> {
    let [(first, first_weights), (second, second_weights)] =
        [weights.of(indices[0]), weights.of(indices[1])];
    let (mut first, mut second) = (line.get(first * STEP..)?, line.get(second * STEP..)?);
    let mut sum = _mm256_set1_epi32(half::<ALPHA>());
    let mask = mask(STEP);
    let pairs = first_weights.as_chunks::<2>().0.iter();
    for (&left, &right) in pairs.zip(second_weights.as_chunks::<2>().0) {
        if left != [0, 0] || right != [0, 0] {
            let samples =
                _mm256_set_m128i(load_8(second.first_chunk()?), load_8(first.first_chunk()?));
            let weights = _mm256_set_m128i(_mm_set1_epi32(pair(right)), _mm_set1_epi32(pair(left)));
            let samples = _mm256_shuffle_epi8(samples, mask);
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(samples, weights));
        }
        (first, second) = (first.get(2 * STEP..)?, second.get(2 * STEP..)?);
    }
    let levels = levels::<ALPHA>(sum);
    let levels = _mm256_packs_epi32(levels, levels);
    let levels = _mm256_packus_epi16(levels, levels);
    let low = _mm_cvtsi128_si32(_mm256_castsi256_si128(levels)).to_le_bytes();
    let high = _mm_cvtsi128_si32(_mm256_extracti128_si256::<1>(levels)).to_le_bytes();
    let mut pixels = [0; 8];
    pixels[..4].copy_from_slice(&low);
    pixels[4..].copy_from_slice(&high);
    Some(pixels)
}

/// Pixels of four samples in the middle of a row of half the width, four at a time; says how many.
#[inline]
#[target_feature(enable = "avx2")]
fn halved<const ALPHA: bool>(line: &[i16], pairs: &[[i16; 2]], out: &mut [u8]) -> usize {
    if let Ok(pairs) = pairs.try_into() {
        return halved_by_eight::<ALPHA>(line, pairs, out);
    }
    let mask = mask(4);
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
        write::<ALPHA>(left, right, out);
        done += 4;
    }
    done
}

/// The same with eight weights, as a cubic has: each two pixels are brought in order once for all that they are a part of.
#[inline]
#[target_feature(enable = "avx2")]
fn halved_by_eight<const ALPHA: bool>(line: &[i16], pairs: [[i16; 2]; 4], out: &mut [u8]) -> usize {
    let mask = mask(4);
    let half = _mm256_set1_epi32(half::<ALPHA>());
    let weights = pairs.map(|weights| _mm256_set1_epi32(pair(weights)));
    // The four pixels that begin with number 2 × `at` of those that make the four of the result.
    let four = |line: &[i16; 56], at: usize| match line[8 * at..].first_chunk() {
        Some(samples) => _mm256_shuffle_epi8(load(samples), mask),
        None => half, // there are as many
    };
    let mut done = 0;
    let mut kept = None;
    for out in out.as_chunks_mut::<16>().0 {
        let Some(line) = line.get(done * 8..).and_then(|line| line.first_chunk()) else {
            break;
        };
        let [a, b] = kept.unwrap_or_else(|| [four(line, 0), four(line, 1)]);
        let [c, d, e, f] = [2, 3, 4, 5].map(|at| four(line, at));
        let sum = |parts: [__m256i; 4]| {
            let mut sum = half;
            for (part, weights) in parts.into_iter().zip(weights) {
                sum = _mm256_add_epi32(sum, _mm256_madd_epi16(part, weights));
            }
            sum
        };
        write::<ALPHA>(sum([a, b, c, d]), sum([c, d, e, f]), out);
        kept = Some([e, f]);
        done += 4;
    }
    done
}

/// Writes four pixels: `left` has the sums of numbers 0 and 1, `right` those of 2 and 3.
#[inline]
#[target_feature(enable = "avx2")]
fn write<const ALPHA: bool>(left: __m256i, right: __m256i, out: &mut [u8; 16]) {
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
}
