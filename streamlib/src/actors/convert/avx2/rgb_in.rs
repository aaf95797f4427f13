//! Red, green and blue to luma and colour differences: two multiplications a pixel and output.

use std::arch::x86_64::*;

use super::{
    WINDOW_OF_3, WINDOW_OF_4, both, in_order, load_8_pixels, pairs, store_8_samples, store_samples,
};
use crate::actors::convert::affine::Row;
use crate::actors::convert::rgb_in::Order;
use crate::actors::convert::tile::Line;

/// No byte: the shuffle writes 0.
const NONE: u8 = 0x80;

/// Brings 4 pixels of a half into the order (red, green) and (blue, 0), as 16-bit numbers.
struct Spread {
    red_green: __m256i,
    blue: __m256i,
}

impl Spread {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new(order: Order) -> Self {
        let [red, green, blue] = order.rgb;
        let mut red_green = [NONE; 16];
        let mut only_blue = [NONE; 16];
        for pixel in 0..4 {
            red_green[pixel * 4] = (pixel * order.step + red) as u8;
            red_green[pixel * 4 + 2] = (pixel * order.step + green) as u8;
            only_blue[pixel * 4] = (pixel * order.step + blue) as u8;
        }
        Self {
            red_green: both(red_green),
            blue: both(only_blue),
        }
    }

    /// Of the 16 pixels that the window begins with, the first or the second 8.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn read<const WINDOW: usize>(&self, window: &[u8; WINDOW], second: bool) -> [__m256i; 2] {
        let pixels = load_8_pixels(window, second);
        [
            _mm256_shuffle_epi8(pixels, self.red_green),
            _mm256_shuffle_epi8(pixels, self.blue),
        ]
    }
}

/// A [`Row`] in vectors.
struct Weights {
    red_green: __m256i,
    blue: __m256i,
    offset: __m256i,
    shift: __m128i,
    low: __m256i,
    high: __m256i,
}

impl Weights {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new(row: &Row) -> Self {
        let [red, green, blue] = row.coefficients;
        Self {
            red_green: pairs(red, green),
            blue: pairs(blue, 0),
            offset: _mm256_set1_epi32(row.offset),
            shift: _mm_cvtsi32_si128(row.shift as i32),
            low: _mm256_set1_epi16(row.low),
            high: _mm256_set1_epi16(row.high),
        }
    }

    /// The weighted sums of 8 pixels.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn sum(&self, [red_green, blue]: [__m256i; 2]) -> __m256i {
        _mm256_add_epi32(
            _mm256_madd_epi16(red_green, self.red_green),
            _mm256_madd_epi16(blue, self.blue),
        )
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn round(&self, sum: __m256i) -> __m256i {
        _mm256_sra_epi32(_mm256_add_epi32(sum, self.offset), self.shift)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn limit(&self, samples: __m256i) -> __m256i {
        _mm256_min_epi16(_mm256_max_epi16(samples, self.low), self.high)
    }
}

#[target_feature(enable = "avx2")]
pub fn each(order: Order, row: &Row, pixels: &[u8], out: &mut Line, count: usize) -> usize {
    if order.step == 3 {
        each_of::<3, WINDOW_OF_3>(order, row, pixels, out, count)
    } else {
        each_of::<4, WINDOW_OF_4>(order, row, pixels, out, count)
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn each_of<const STEP: usize, const WINDOW: usize>(
    order: Order,
    row: &Row,
    pixels: &[u8],
    out: &mut Line,
    count: usize,
) -> usize {
    let (spread, weights) = (Spread::new(order), Weights::new(row));
    let mut done = 0;
    for out in out[..count].as_chunks_mut::<16>().0 {
        let window = pixels
            .get(done * STEP..)
            .and_then(|bytes| bytes.first_chunk::<WINDOW>());
        let Some(window) = window else { break };
        let first = weights.round(weights.sum(spread.read(window, false)));
        let second = weights.round(weights.sum(spread.read(window, true)));
        let samples = in_order(_mm256_packs_epi32(first, second));
        store_samples(out, weights.limit(samples));
        done += 16;
    }
    done
}

#[target_feature(enable = "avx2")]
pub fn fours(
    order: Order,
    rows: &[Row; 2],
    lines: [&[u8]; 2],
    out: [&mut Line; 2],
    count: usize,
) -> usize {
    if order.step == 3 {
        fours_of::<3, WINDOW_OF_3>(order, rows, lines, out, count)
    } else {
        fours_of::<4, WINDOW_OF_4>(order, rows, lines, out, count)
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn fours_of<const STEP: usize, const WINDOW: usize>(
    order: Order,
    rows: &[Row; 2],
    lines: [&[u8]; 2],
    [out_u, out_v]: [&mut Line; 2],
    count: usize,
) -> usize {
    let spread = Spread::new(order);
    let (u, v) = (Weights::new(&rows[0]), Weights::new(&rows[1]));
    let mut done = 0;
    let out = out_u
        .as_chunks_mut::<8>()
        .0
        .iter_mut()
        .zip(out_v.as_chunks_mut::<8>().0);
    for (out_u, out_v) in out.take(count / 16) {
        let above = lines[0]
            .get(done * STEP..)
            .and_then(|bytes| bytes.first_chunk::<WINDOW>());
        let below = lines[1]
            .get(done * STEP..)
            .and_then(|bytes| bytes.first_chunk::<WINDOW>());
        let (Some(above), Some(below)) = (above, below) else {
            break;
        };
        let first = four_fours(&u, &v, spread.read(above, false), spread.read(below, false));
        let second = four_fours(&u, &v, spread.read(above, true), spread.read(below, true));
        let all_u = u.round(_mm256_permute2x128_si256::<0x20>(first, second));
        let all_v = v.round(_mm256_permute2x128_si256::<0x31>(first, second));
        let samples = u.limit(in_order(_mm256_packs_epi32(all_u, all_v)));
        store_8_samples(out_u, _mm256_castsi256_si128(samples));
        store_8_samples(out_v, _mm256_extracti128_si256::<1>(samples));
        done += 16;
    }
    done
}

/// The sums of 8 pixels of both lines, neighbours together: four of U, four of V.
#[inline]
#[target_feature(enable = "avx2")]
fn four_fours(u: &Weights, v: &Weights, above: [__m256i; 2], below: [__m256i; 2]) -> __m256i {
    let pixels = [
        _mm256_add_epi16(above[0], below[0]),
        _mm256_add_epi16(above[1], below[1]),
    ];
    in_order(_mm256_hadd_epi32(u.sum(pixels), v.sum(pixels)))
}
