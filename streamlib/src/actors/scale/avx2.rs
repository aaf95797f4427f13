//! The two sums with AVX2: as many whole vectors as there are, to the same bits as the plain code.

use std::arch::x86_64::*;

use super::alpha;
use super::passes::Scale;
use super::weights::{EIGHT, Weights};

/// Columns that are summed up together.
const COLUMNS: usize = 32;

#[inline]
#[target_feature(enable = "avx2")]
fn load(samples: &[i16; 16]) -> __m256i {
    // SAFETY: 32 bytes are there.
    unsafe { _mm256_loadu_si256(samples.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(samples: &mut [i16; 16], value: __m256i) {
    // SAFETY: there is room for 32 bytes.
    unsafe { _mm256_storeu_si256(samples.as_mut_ptr().cast(), value) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_8(samples: &[i16; 8]) -> __m128i {
    // SAFETY: 16 bytes are there.
    unsafe { _mm_loadu_si128(samples.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_8(samples: &mut [i16; 8], value: __m128i) {
    // SAFETY: there is room for 16 bytes.
    unsafe { _mm_storeu_si128(samples.as_mut_ptr().cast(), value) }
}

#[target_feature(enable = "avx2")]
pub fn rows(
    samples: &[i16],
    offsets: &[usize],
    weights: &[i16],
    out: &mut [i16],
    shift: u32,
) -> usize {
    let half = _mm256_set1_epi32(1 << shift >> 1);
    let shift = _mm_cvtsi32_si128(shift as i32);
    let (pairs, _) = weights.as_chunks::<2>();
    let (offset_pairs, _) = offsets.as_chunks::<2>();
    let mut done = 0;
    for out in out.as_chunks_mut::<COLUMNS>().0 {
        let mut sums = [half; 4];
        for (&[low, high], &[above, below]) in pairs.iter().zip(offset_pairs) {
            let weight = _mm256_set1_epi32(i32::from(high) << 16 | i32::from(low as u16));
            let above = samples
                .get(above + done..)
                .and_then(|row| row.first_chunk::<COLUMNS>());
            let below = samples
                .get(below + done..)
                .and_then(|row| row.first_chunk::<COLUMNS>());
            let (Some(above), Some(below)) = (above, below) else {
                return done;
            };
            let (above, below) = (above.as_chunks::<16>().0, below.as_chunks::<16>().0);
            for index in 0..2 {
                let (above, below) = (load(&above[index]), load(&below[index]));
                let low = _mm256_madd_epi16(_mm256_unpacklo_epi16(above, below), weight);
                let high = _mm256_madd_epi16(_mm256_unpackhi_epi16(above, below), weight);
                sums[2 * index] = _mm256_add_epi32(sums[2 * index], low);
                sums[2 * index + 1] = _mm256_add_epi32(sums[2 * index + 1], high);
            }
        }
        for (index, out) in out.as_chunks_mut::<16>().0.iter_mut().enumerate() {
            let low = _mm256_sra_epi32(sums[2 * index], shift);
            let high = _mm256_sra_epi32(sums[2 * index + 1], shift);
            store(out, _mm256_packs_epi32(low, high));
        }
        done += COLUMNS;
    }
    done
}

/// The sums of four samples that begin at `starts`.
#[inline]
#[target_feature(enable = "avx2")]
fn four(line: &[i16], starts: &[usize], weights: &[i16]) -> __m128i {
    let taps = weights.len() / 4;
    let mut sums = [_mm_setzero_si128(); 4];
    for ((sum, &start), weights) in sums.iter_mut().zip(starts).zip(weights.chunks_exact(taps)) {
        let samples = line[start..].as_chunks::<8>().0;
        for (samples, weights) in samples.iter().zip(weights.as_chunks::<8>().0) {
            *sum = _mm_add_epi32(*sum, _mm_madd_epi16(load_8(samples), load_8(weights)));
        }
    }
    let [a, b, c, d] = sums;
    _mm_hadd_epi32(_mm_hadd_epi32(a, b), _mm_hadd_epi32(c, d))
}

/// The sums of eight samples that all have the weights `weights`, and each of which begins two samples behind the one
/// before; the first at the beginning of `line`.
#[inline]
#[target_feature(enable = "avx2")]
fn halved(line: &[i16], weights: &[i16]) -> __m256i {
    let mut sum = _mm256_setzero_si256();
    for (index, &[low, high]) in weights.as_chunks::<2>().0.iter().enumerate() {
        if low == 0 && high == 0 {
            break;
        }
        let Some(samples) = line.get(2 * index..).and_then(|line| line.first_chunk()) else {
            break;
        };
        let weight = _mm256_set1_epi32(i32::from(high) << 16 | i32::from(low as u16));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(load(samples), weight));
    }
    sum
}

/// `first` is a multiple of [`EIGHT`].
#[target_feature(enable = "avx2")]
pub fn columns(
    line: &[i16],
    weights: &Weights,
    first: usize,
    out: &mut [i16],
    scale: &Scale,
) -> usize {
    let half = _mm256_set1_epi32(1 << scale.shift >> 1);
    let shift = _mm_cvtsi32_si128(scale.shift as i32);
    let (low, high) = (_mm_set1_epi16(scale.low), _mm_set1_epi16(scale.high));
    let mut done = 0;
    for out in out.as_chunks_mut::<EIGHT>().0 {
        let Some((starts, weights, halving)) = weights.eight((first + done) / EIGHT) else {
            break;
        };
        let sums = if halving {
            halved(&line[starts[0]..], weights)
        } else {
            let (left, right) = weights.split_at(weights.len() / 2);
            let right = four(line, &starts[4..], right);
            _mm256_set_m128i(right, four(line, &starts[..4], left))
        };
        let sums = _mm256_sra_epi32(_mm256_add_epi32(sums, half), shift);
        let (left, right) = (
            _mm256_castsi256_si128(sums),
            _mm256_extracti128_si256::<1>(sums),
        );
        let samples = _mm_max_epi16(_mm_min_epi16(_mm_packs_epi32(left, right), high), low);
        store_8(out, samples);
        done += EIGHT;
    }
    done
}

#[target_feature(enable = "avx2")]
pub fn weigh(pixels: &[u8], lines: [&mut [i16]; 3], alphas: &mut [i16]) {
    alpha::plain_weigh(pixels, lines, alphas);
}

#[target_feature(enable = "avx2")]
pub fn weigh_back(lines: [&mut [i16]; 3], alphas: &mut [i16]) {
    alpha::plain_weigh_back(lines, alphas);
}
