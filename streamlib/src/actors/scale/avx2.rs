//! The two sums with AVX2: as many whole vectors as there are, to the same bits as the plain code.

use std::arch::x86_64::*;

use super::lines::Weighed;
use super::passes::Scale;
use super::weights::{EIGHT, Weights};

pub(super) mod alpha;
pub(super) mod bytes;
pub(super) mod halves;
pub(super) mod pixels;

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

/// Asks for a cache line of each row that is needed next, `behind` bytes behind where it begins.
#[inline]
#[target_feature(enable = "avx2")]
fn ask<const HINT: i32>(lines: &Weighed<'_>, behind: usize) {
    let ahead = lines.ahead;
    for row in 0..ahead.rows {
        let at = ahead.start + row * ahead.stride + behind;
        let address = lines.bytes.as_ptr().wrapping_add(at);
        _mm_prefetch::<HINT>(address.cast());
    }
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

/// The most pairs of weights that are kept in vectors.
const MOST_PAIRS: usize = 16;

/// What becomes of a sum.
struct Rounding {
    half: __m256i,
    shift: __m128i,
    low: __m256i,
    high: __m256i,
}

impl Rounding {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new(scale: &Scale) -> Self {
        Self {
            half: _mm256_set1_epi32(1 << scale.shift >> 1),
            shift: _mm_cvtsi32_si128(scale.shift as i32),
            low: _mm256_set1_epi16(scale.low),
            high: _mm256_set1_epi16(scale.high),
        }
    }

    /// Sixteen samples of two times eight sums.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn samples(&self, left: __m256i, right: __m256i) -> __m256i {
        let left = _mm256_sra_epi32(_mm256_add_epi32(left, self.half), self.shift);
        let right = _mm256_sra_epi32(_mm256_add_epi32(right, self.half), self.shift);
        let packed = _mm256_packs_epi32(left, right);
        let samples = _mm256_permute4x64_epi64::<0b11_01_10_00>(packed);
        _mm256_max_epi16(_mm256_min_epi16(samples, self.high), self.low)
    }
}

/// Eight samples, one after the other.
#[inline]
#[target_feature(enable = "avx2")]
fn eight(line: &[i16], starts: &[usize; EIGHT], weights: &[i16]) -> __m256i {
    let (left, right) = weights.split_at(weights.len() / 2);
    let right = four(line, &starts[4..], right);
    _mm256_set_m128i(right, four(line, &starts[..4], left))
}

/// Groups of eight samples in the middle of a row of half the width, two at a time; says how many.
#[inline]
#[target_feature(enable = "avx2")]
fn halved(line: &[i16], pairs: &[[i16; 2]], out: &mut [i16], rounding: &Rounding) -> usize {
    let mut vectors = [_mm256_setzero_si256(); MOST_PAIRS];
    for (vector, &[low, high]) in vectors.iter_mut().zip(pairs) {
        *vector = _mm256_set1_epi32(i32::from(high) << 16 | i32::from(low as u16));
    }
    let vectors = &vectors[..pairs.len().min(MOST_PAIRS)];
    let mut done = 0;
    for out in out.as_chunks_mut::<16>().0 {
        let Some(line) = line.get(done * 2..done * 2 + 30 + 2 * vectors.len()) else {
            break;
        };
        let (mut left, mut right) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        // Windows of 32 samples, each two behind the one before.
        for (samples, &weight) in line.windows(32).step_by(2).zip(vectors) {
            if let [first, second] = samples.as_chunks::<16>().0 {
                left = _mm256_add_epi32(left, _mm256_madd_epi16(load(first), weight));
                right = _mm256_add_epi32(right, _mm256_madd_epi16(load(second), weight));
            }
        }
        store(out, rounding.samples(left, right));
        done += 16;
    }
    done / EIGHT
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
    let rounding = Rounding::new(scale);
    let halving = weights.halving();
    let groups = halving.groups();
    let whole = out.len() / EIGHT;
    let mut done = 0;
    while done < whole {
        let group = first / EIGHT + done;
        let place = &mut out[done * EIGHT..whole * EIGHT];
        if groups.contains(&group) && halving.pairs.len() <= MOST_PAIRS {
            let count = (groups.end - group).min(whole - done);
            let start = halving.start_of(group * EIGHT);
            let place = &mut place[..count * EIGHT];
            let made = halved(&line[start..], &halving.pairs, place, &rounding);
            done += made;
            if made > 0 {
                continue;
            }
        }
        let (Some((starts, weights)), Some(place)) =
            (weights.eight(group), place.first_chunk_mut())
        else {
            break;
        };
        let sums = eight(line, starts, weights);
        let samples = rounding.samples(sums, sums);
        store_8(place, _mm256_castsi256_si128(samples));
        done += 1;
    }
    done * EIGHT
}
