//! Weighted sums of rows of bytes.

use std::arch::x86_64::*;

use super::super::lines::Weighed;
use super::super::passes::BYTES_SHIFT;
use super::{ask, store};

/// Columns that are summed up together.
pub(super) const COLUMNS: usize = 32;

/// Bytes of a cache line.
pub(super) const LINE: usize = 64;

/// Weights that are multiples of this fit into 8 bits, and their sums with bytes into 16.
const SHORT: i16 = 128;

/// The most pairs of rows that are looked up before.
const MOST_PAIRS: usize = 8;

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load(bytes: &[u8; COLUMNS]) -> __m256i {
    // SAFETY: 32 bytes are there.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

pub(super) fn columns(bytes: &[u8], start: usize) -> Option<&[u8; COLUMNS]> {
    bytes.get(start..)?.first_chunk()
}

/// How many columns were written.
#[target_feature(enable = "avx2")]
pub fn rows(lines: &Weighed<'_>, out: &mut [i16]) -> usize {
    let &Weighed {
        bytes,
        offsets,
        weights,
        ..
    } = lines;
    let is_short = |&weight: &i16| weight % SHORT == 0 && (0..SHORT * 127).contains(&weight);
    // The half of what is shifted away, by one bit here, is what averaging adds.
    if BYTES_SHIFT == 8 && weights.len() <= 2 * MOST_PAIRS && weights.iter().all(is_short) {
        return short_rows(lines, out);
    }
    if weights.len() <= 2 * MOST_PAIRS {
        return few_rows(lines, out);
    }
    let (pairs, offsets) = (weights.as_chunks::<2>().0, offsets.as_chunks::<2>().0);
    let sums = Sums::new();
    let mut done = 0_usize;
    for out in out.as_chunks_mut::<COLUMNS>().0 {
        if done.is_multiple_of(LINE) {
            ask::<_MM_HINT_T1>(lines, done);
        }
        let mut all = sums.none();
        for (&weights, &[above, below]) in pairs.iter().zip(offsets) {
            let (Some(above), Some(below)) =
                (columns(bytes, above + done), columns(bytes, below + done))
            else {
                return done;
            };
            sums.add(&mut all, load(above), load(below), two(weights));
        }
        sums.write(all, out);
        done += COLUMNS;
    }
    done
}

/// Sums of 32 columns.
struct Sums {
    half: __m256i,
    zero: __m256i,
    shift: __m128i,
}

impl Sums {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new() -> Self {
        Self {
            half: _mm256_set1_epi32(1 << BYTES_SHIFT >> 1),
            zero: _mm256_setzero_si256(),
            shift: _mm_cvtsi32_si128(BYTES_SHIFT as i32),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn none(&self) -> [__m256i; 4] {
        [self.half; 4]
    }

    /// Adds the bytes of two rows by their weights.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn add(&self, sums: &mut [__m256i; 4], above: __m256i, below: __m256i, weights: __m256i) {
        let low = _mm256_unpacklo_epi8(above, below);
        let high = _mm256_unpackhi_epi8(above, below);
        let parts = [
            _mm256_unpacklo_epi8(low, self.zero),
            _mm256_unpackhi_epi8(low, self.zero),
            _mm256_unpacklo_epi8(high, self.zero),
            _mm256_unpackhi_epi8(high, self.zero),
        ];
        for (sum, part) in sums.iter_mut().zip(parts) {
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(part, weights));
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn write(&self, sums: [__m256i; 4], out: &mut [i16; COLUMNS]) {
        let [a, b, c, d] = sums.map(|sum| _mm256_sra_epi32(sum, self.shift));
        write(out, _mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    }
}

/// The weights of two rows side by side.
#[inline]
#[target_feature(enable = "avx2")]
fn two([above, below]: [i16; 2]) -> __m256i {
    _mm256_set1_epi32(i32::from(below) << 16 | i32::from(above as u16))
}

/// Two rows and their weights.
#[derive(Clone, Copy)]
struct Pair<'a> {
    rows: [&'a [[u8; COLUMNS]]; 2],
    weight: __m256i,
}

/// The rows of `lines`, of which there are few, as far as they are `len` bytes long; with what `weight` makes of two weights.
#[inline]
#[target_feature(enable = "avx2")]
fn pairs_of<'a>(
    lines: &Weighed<'a>,
    len: usize,
    weight: impl Fn([i16; 2]) -> __m256i,
) -> [Pair<'a>; MOST_PAIRS] {
    let row = |start: usize| {
        let row = lines.bytes.get(start..).unwrap_or_default();
        row.get(..len).unwrap_or_default().as_chunks().0
    };
    let mut pairs = [Pair {
        rows: [&[]; 2],
        weight: _mm256_setzero_si256(),
    }; MOST_PAIRS];
    let weights = lines.weights.as_chunks::<2>().0;
    let offsets = lines.offsets.as_chunks::<2>().0;
    for (pair, (&weights, &offsets)) in pairs.iter_mut().zip(weights.iter().zip(offsets)) {
        pair.weight = weight(weights);
        pair.rows = offsets.map(row);
    }
    pairs
}

#[target_feature(enable = "avx2")]
fn few_rows(lines: &Weighed<'_>, out: &mut [i16]) -> usize {
    let pairs = pairs_of(lines, out.len(), |weights| two(weights));
    // A bicubic of half the size, all in registers.
    if let (Some(pairs), 4) = (pairs.first_chunk::<4>(), lines.weights.len() / 2) {
        return sums_of(lines, pairs, out);
    }
    sums_of(lines, &pairs[..lines.weights.len() / 2], out)
}

#[inline]
#[target_feature(enable = "avx2")]
fn sums_of(lines: &Weighed<'_>, pairs: &[Pair<'_>], out: &mut [i16]) -> usize {
    let sums = Sums::new();
    for (index, out) in out.as_chunks_mut::<COLUMNS>().0.iter_mut().enumerate() {
        if (index * COLUMNS).is_multiple_of(LINE) {
            ask::<_MM_HINT_T1>(lines, index * COLUMNS);
        }
        let mut all = sums.none();
        for Pair { rows, weight } in pairs {
            let (Some(above), Some(below)) = (rows[0].get(index), rows[1].get(index)) else {
                return index * COLUMNS;
            };
            sums.add(&mut all, load(above), load(below), *weight);
        }
        sums.write(all, out);
    }
    out.len() / COLUMNS * COLUMNS
}

#[target_feature(enable = "avx2")]
fn short_rows(lines: &Weighed<'_>, out: &mut [i16]) -> usize {
    let zero = _mm256_setzero_si256();
    let short =
        |[above, below]: [i16; 2]| _mm256_set1_epi16(((below / SHORT) << 8) | (above / SHORT));
    let pairs = pairs_of(lines, out.len(), short);
    let pairs = &pairs[..lines.weights.len() / 2];
    for (index, out) in out.as_chunks_mut::<COLUMNS>().0.iter_mut().enumerate() {
        if (index * COLUMNS).is_multiple_of(LINE) {
            ask::<_MM_HINT_T1>(lines, index * COLUMNS);
        }
        let mut sums = [zero; 2];
        for Pair { rows, weight } in pairs {
            let (Some(above), Some(below)) = (rows[0].get(index), rows[1].get(index)) else {
                return index * COLUMNS;
            };
            let (above, below) = (load(above), load(below));
            let low = _mm256_maddubs_epi16(_mm256_unpacklo_epi8(above, below), *weight);
            let high = _mm256_maddubs_epi16(_mm256_unpackhi_epi8(above, below), *weight);
            sums = [
                _mm256_add_epi16(sums[0], low),
                _mm256_add_epi16(sums[1], high),
            ];
        }
        let (low, high) = (
            _mm256_avg_epu16(sums[0], zero),
            _mm256_avg_epu16(sums[1], zero),
        );
        write(out, low, high);
    }
    out.len() / COLUMNS * COLUMNS
}

/// Columns 0 to 7 and 16 to 23 are in `low`, the others in `high`: so unpacking leaves them.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn write(out: &mut [i16; COLUMNS], low: __m256i, high: __m256i) {
    if let [first, second] = out.as_chunks_mut::<16>().0 {
        store(first, _mm256_permute2x128_si256::<0x20>(low, high));
        store(second, _mm256_permute2x128_si256::<0x31>(low, high));
    }
}
