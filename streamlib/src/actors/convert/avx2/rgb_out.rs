//! Luma and colour differences to red, green and blue: the share of the colour is reckoned once for two
//! pixels.

use std::arch::x86_64::*;

use super::{
    WINDOW_OF_3, WINDOW_OF_4, both, load_8_pixels, load_8_samples, load_samples, pairs as in_pairs,
    store, store_half,
};
use crate::actors::convert::affine::Row;
use crate::actors::convert::rgb_in::Order;
use crate::actors::convert::tile::Tile;

/// One of red, green and blue.
struct Weights {
    luma_even: __m256i,
    luma_odd: __m256i,
    colour: __m256i,
    offset: __m256i,
    shift: __m128i,
    /// What brings the whole part to the upper 16 bits.
    shift_up: __m128i,
}

impl Weights {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new(row: &Row) -> Self {
        let [y, u, v] = row.coefficients;
        Self {
            luma_even: in_pairs(y, 0),
            luma_odd: in_pairs(0, y),
            colour: in_pairs(u, v),
            offset: _mm256_set1_epi32(row.offset),
            shift: _mm_cvtsi32_si128(row.shift as i32),
            shift_up: _mm_cvtsi32_si128(16 - row.shift as i32),
        }
    }

    /// The levels of 16 pixels, from their luma and the 8 (u, v) that they have; not limited to 8 bits.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn levels(&self, luma: __m256i, colour: __m256i) -> __m256i {
        let shared = _mm256_add_epi32(_mm256_madd_epi16(colour, self.colour), self.offset);
        let even = _mm256_add_epi32(_mm256_madd_epi16(luma, self.luma_even), shared);
        let odd = _mm256_add_epi32(_mm256_madd_epi16(luma, self.luma_odd), shared);
        let (even, odd) = (
            _mm256_sra_epi32(even, self.shift),
            _mm256_sll_epi32(odd, self.shift_up),
        );
        _mm256_blend_epi16::<0b1010_1010>(even, odd)
    }
}

#[target_feature(enable = "avx2")]
pub fn pairs(order: Order, rows: &[Row; 3], input: &Tile, out: &mut [u8], count: usize) -> usize {
    // Where red stands first or third, the first of the weights is its or blue's.
    let [first, second, third] = match order.rgb {
        [2, ..] => [&rows[2], &rows[1], &rows[0]],
        _ => [&rows[0], &rows[1], &rows[2]],
    };
    let (first, second, third) = (
        Weights::new(first),
        Weights::new(second),
        Weights::new(third),
    );
    let [y, u, v] = &input.lines;
    let lines = y
        .as_chunks::<16>()
        .0
        .iter()
        .zip(u.as_chunks::<8>().0)
        .zip(v.as_chunks::<8>().0);
    let mut done = 0;
    for ((y, u), v) in lines.take(count / 16) {
        let (u, v) = (load_8_samples(u), load_8_samples(v));
        let colour = _mm256_set_m128i(_mm_unpackhi_epi16(u, v), _mm_unpacklo_epi16(u, v));
        let luma = load_samples(y);
        let levels = [
            first.levels(luma, colour),
            second.levels(luma, colour),
            third.levels(luma, colour),
        ];
        let pixels = together(levels);
        if !write(order.step, out, done, pixels) {
            break;
        }
        done += 16;
    }
    done
}

/// 16 opaque pixels of three levels each, limited to 8 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn together([first, second, third]: [__m256i; 3]) -> [__m256i; 2] {
    let opaque = _mm256_set1_epi16(255);
    let first_third = _mm256_packus_epi16(first, third);
    let second_alpha = _mm256_packus_epi16(second, opaque);
    let low = _mm256_unpacklo_epi8(first_third, second_alpha); // first and second
    let high = _mm256_unpackhi_epi8(first_third, second_alpha); // third and alpha
    let (a, b) = (
        _mm256_unpacklo_epi16(low, high),
        _mm256_unpackhi_epi16(low, high),
    );
    [
        _mm256_permute2x128_si256::<0x20>(a, b),
        _mm256_permute2x128_si256::<0x31>(a, b),
    ]
}

#[target_feature(enable = "avx2")]
pub fn each(order: Order, input: &Tile, out: &mut [u8], count: usize) -> usize {
    let [red, green, blue] = &input.lines;
    let (first, third) = if order.rgb[0] == 2 {
        (blue, red)
    } else {
        (red, blue)
    };
    let lines = first.as_chunks::<16>().0.iter();
    let lines = lines
        .zip(green.as_chunks::<16>().0)
        .zip(third.as_chunks::<16>().0);
    let mut done = 0;
    for ((first, green), third) in lines.take(count / 16) {
        let levels = [
            load_samples(first),
            load_samples(green),
            load_samples(third),
        ];
        if !write(order.step, out, done, together(levels)) {
            break;
        }
        done += 16;
    }
    done
}

#[target_feature(enable = "avx2")]
pub fn swap(from: Order, to: Order, pixels: &[u8], out: &mut [u8], count: usize) -> usize {
    if from.step == 3 {
        swap_of::<3, WINDOW_OF_3>(from, to, pixels, out, count)
    } else {
        swap_of::<4, WINDOW_OF_4>(from, to, pixels, out, count)
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn swap_of<const STEP: usize, const WINDOW: usize>(
    from: Order,
    to: Order,
    pixels: &[u8],
    out: &mut [u8],
    count: usize,
) -> usize {
    let mut order = [0x80; 16];
    for (pixel, order) in order.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let start = pixel * STEP;
        for (to_at, at) in to.rgb.into_iter().zip(from.rgb) {
            order[to_at] = (start + at) as u8;
        }
        if STEP == 4 {
            order[3] = (start + 3) as u8;
        }
    }
    let order = both(order);
    let opaque = _mm256_set1_epi32(if STEP == 4 { 0 } else { 0xFF << 24 });
    let mut done = 0;
    while done + 16 <= count {
        let window = pixels
            .get(done * STEP..)
            .and_then(|bytes| bytes.first_chunk::<WINDOW>());
        let Some(window) = window else { break };
        let first = _mm256_shuffle_epi8(load_8_pixels(window, false), order);
        let second = _mm256_shuffle_epi8(load_8_pixels(window, true), order);
        let swapped = [
            _mm256_or_si256(first, opaque),
            _mm256_or_si256(second, opaque),
        ];
        if !write(to.step, out, done, swapped) {
            break;
        }
        done += 16;
    }
    done
}

/// Writes 16 pixels from pixel `at` on; not when there is too little room.
#[inline]
#[target_feature(enable = "avx2")]
fn write(step: usize, out: &mut [u8], at: usize, pixels: [__m256i; 2]) -> bool {
    let [first, second] = pixels;
    if step == 4 {
        let Some(out) = out
            .get_mut(at * 4..)
            .and_then(|out| out.first_chunk_mut::<64>())
        else {
            return false;
        };
        if let [low, high] = out.as_chunks_mut::<32>().0 {
            store(low, first);
            store(high, second);
        }
        return true;
    }
    // 12 of the 16 bytes count; the next store writes over the other four.
    let Some(out) = out
        .get_mut(at * 3..)
        .and_then(|out| out.first_chunk_mut::<52>())
    else {
        return false;
    };
    let without_alpha = both([
        0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0x80, 0x80, 0x80, 0x80,
    ]);
    let first = _mm256_shuffle_epi8(first, without_alpha);
    let second = _mm256_shuffle_epi8(second, without_alpha);
    store_at(out, 0, _mm256_castsi256_si128(first));
    store_at(out, 12, _mm256_extracti128_si256::<1>(first));
    store_at(out, 24, _mm256_castsi256_si128(second));
    store_at(out, 36, _mm256_extracti128_si256::<1>(second));
    true
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_at(out: &mut [u8; 52], at: usize, value: __m128i) {
    if let Some(out) = out[at..].first_chunk_mut() {
        store_half(out, value);
    }
}
