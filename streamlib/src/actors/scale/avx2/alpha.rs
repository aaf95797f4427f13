//! Weighted sums of rows of pixels, whose colours count by their alpha.

use std::arch::x86_64::*;

use super::super::alpha::SHIFT;
use super::super::lines::Weighed;
use super::super::weights::ONE;
use super::ask;
use super::bytes::{COLUMNS, LINE, columns, load, write};

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

/// What all of them are made with.
struct Products {
    first: __m256i,
    second: __m256i,
    zero: __m256i,
    white: __m256i,
    sign: __m256i,
}

impl Products {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new() -> Self {
        Self {
            first: mask(&FIRST),
            second: mask(&SECOND),
            zero: _mm256_setzero_si256(),
            // In place of an alpha as a level stands 255.
            white: _mm256_set1_epi64x(0xFFFF << 48),
            // A product of two bytes fits into 16 bits with a sign once half of what is possible is taken away; all
            // weights together put it back.
            sign: _mm256_set1_epi16(i16::MIN),
        }
    }

    /// Those of two rows, in turn.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn of(&self, above: &[u8; COLUMNS], below: &[u8; COLUMNS]) -> [__m256i; 4] {
        let (above, below) = (load(above), load(below));
        let low = self.of_pixels(_mm256_unpacklo_epi8(above, below));
        let high = self.of_pixels(_mm256_unpackhi_epi8(above, below));
        [low[0], low[1], high[0], high[1]]
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn of_pixels(&self, pixels: __m256i) -> [__m256i; 2] {
        let levels = _mm256_or_si256(pixels, self.white);
        let product = |levels: __m256i, alphas: __m256i| {
            _mm256_xor_si256(_mm256_mullo_epi16(levels, alphas), self.sign)
        };
        [
            product(
                _mm256_unpacklo_epi8(levels, self.zero),
                _mm256_shuffle_epi8(pixels, self.first),
            ),
            product(
                _mm256_unpackhi_epi8(levels, self.zero),
                _mm256_shuffle_epi8(pixels, self.second),
            ),
        ]
    }
}

/// What a sum begins with: what was taken away of all products, and the half of what is shifted away.
const BEGIN: i32 = (ONE << 15) + (1 << SHIFT >> 1);

#[inline]
#[target_feature(enable = "avx2")]
fn weight([low, high]: [i16; 2]) -> __m256i {
    _mm256_set1_epi32(i32::from(high) << 16 | i32::from(low as u16))
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(sums: &mut [__m256i; 4], products: [__m256i; 4], weight: __m256i) {
    for (sum, products) in sums.iter_mut().zip(products) {
        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(products, weight));
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn finish(sums: [__m256i; 4], out: &mut [i16; COLUMNS]) {
    let [a, b, c, d] = sums.map(|sum| _mm256_srai_epi32::<{ SHIFT as i32 }>(sum));
    write(out, _mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
}

/// How many columns were written.
#[target_feature(enable = "avx2")]
pub fn rows(lines: &Weighed<'_>, out: &mut [i16]) -> usize {
    let pairs = lines.weights.as_chunks::<2>().0;
    let offsets = lines.offsets.as_chunks::<2>().0;
    let products = Products::new();
    let mut done = 0_usize;
    for out in out.as_chunks_mut::<COLUMNS>().0 {
        if done.is_multiple_of(LINE) {
            ask::<_MM_HINT_T1>(lines, done);
        }
        let mut sums = [_mm256_set1_epi32(BEGIN); 4];
        for (&pair, &[above, below]) in pairs.iter().zip(offsets) {
            let (Some(above), Some(below)) = (
                columns(lines.bytes, above + done),
                columns(lines.bytes, below + done),
            ) else {
                return done;
            };
            add(&mut sums, products.of(above, below), weight(pair));
        }
        finish(sums, out);
        done += COLUMNS;
    }
    done
}

/// Two rows of sums at once, of which the second begins two rows of pixels below the first and has the same weights: what both
/// are made of is multiplied once. `offsets` are those of both together. How many columns were written.
#[target_feature(enable = "avx2")]
pub fn two_rows(lines: &Weighed<'_>, offsets: &[usize], out: [&mut [i16]; 2]) -> usize {
    let offsets = offsets.as_chunks::<2>().0;
    let [first, inner @ .., last] = offsets else {
        return 0;
    };
    let pairs = lines.weights.as_chunks::<2>().0;
    let [first_pair, rest @ ..] = pairs else {
        return 0;
    };
    let last_pair = rest.last().unwrap_or(first_pair);
    let products = Products::new();
    let mut done = 0_usize;
    let [upper, lower] = out.map(|out| out.as_chunks_mut::<COLUMNS>().0.iter_mut());
    for (upper, lower) in upper.zip(lower) {
        if done.is_multiple_of(LINE) {
            ask::<_MM_HINT_T1>(lines, done);
        }
        let of = |&[above, below]: &[usize; 2]| {
            let above = columns(lines.bytes, above + done)?;
            Some(products.of(above, columns(lines.bytes, below + done)?))
        };
        let mut sums = [[_mm256_set1_epi32(BEGIN); 4]; 2];
        let Some(made) = of(first) else { return done };
        add(&mut sums[0], made, weight(*first_pair));
        for (offsets, (&lower, &upper)) in inner.iter().zip(pairs.iter().zip(rest)) {
            let Some(made) = of(offsets) else { return done };
            add(&mut sums[0], made, weight(upper));
            add(&mut sums[1], made, weight(lower));
        }
        let Some(made) = of(last) else { return done };
        add(&mut sums[1], made, weight(*last_pair));
        finish(sums[0], upper);
        finish(sums[1], lower);
        done += COLUMNS;
    }
    done
}
