//! The same with AVX2: each kernel does as many whole vectors as there are, and says how many samples that
//! was; the plain code beside it does the rest, to the same bits.

pub(super) mod pack;
pub(super) mod plain;
pub(super) mod rgb_in;
pub(super) mod rgb_out;
pub(super) mod unpack;

use std::arch::x86_64::*;

/// The first 32 bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: 32 bytes are there.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

/// 16 bytes into each half.
#[inline]
#[target_feature(enable = "avx2")]
fn load_halves(low: &[u8; 16], high: &[u8; 16]) -> __m256i {
    // SAFETY: 16 bytes are at each place.
    unsafe { _mm256_loadu2_m128i(high.as_ptr().cast(), low.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_samples(samples: &[i16; 16]) -> __m256i {
    // SAFETY: 32 bytes are there.
    unsafe { _mm256_loadu_si256(samples.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_8_samples(samples: &[i16; 8]) -> __m128i {
    // SAFETY: 16 bytes are there.
    unsafe { _mm_loadu_si128(samples.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(bytes: &mut [u8; 32], value: __m256i) {
    // SAFETY: there is room for 32 bytes.
    unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), value) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_half(bytes: &mut [u8; 16], value: __m128i) {
    // SAFETY: there is room for 16 bytes.
    unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), value) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_samples(samples: &mut [i16; 16], value: __m256i) {
    // SAFETY: there is room for 32 bytes.
    unsafe { _mm256_storeu_si256(samples.as_mut_ptr().cast(), value) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_8_samples(samples: &mut [i16; 8], value: __m128i) {
    // SAFETY: there is room for 16 bytes.
    unsafe { _mm_storeu_si128(samples.as_mut_ptr().cast(), value) }
}

/// The same 16 bytes in both halves.
#[inline]
#[target_feature(enable = "avx2")]
fn both(bytes: [u8; 16]) -> __m256i {
    load_halves(&bytes, &bytes)
}

/// Two 16-bit numbers, the first the lower, in each 32-bit lane.
#[inline]
#[target_feature(enable = "avx2")]
fn pairs(low: i16, high: i16) -> __m256i {
    _mm256_set1_epi32(i32::from(high) << 16 | i32::from(low as u16))
}

/// What packing two vectors leaves in the order of the halves, in the order of the samples.
#[inline]
#[target_feature(enable = "avx2")]
fn in_order(packed: __m256i) -> __m256i {
    _mm256_permute4x64_epi64::<0b11_01_10_00>(packed)
}

/// The bytes that are read for 16 pixels of 4 bytes.
const WINDOW_OF_4: usize = 64;

/// The bytes that are read for 16 pixels of 3 bytes: 4 more than they have, since each load of 16 bytes is for
/// 4 pixels.
const WINDOW_OF_3: usize = 52;

/// Of the 16 pixels that a window begins with, the first or the second 8, four in each half.
#[inline]
#[target_feature(enable = "avx2")]
fn load_8_pixels<const WINDOW: usize>(window: &[u8; WINDOW], second: bool) -> __m256i {
    const { assert!(WINDOW == WINDOW_OF_3 || WINDOW == WINDOW_OF_4) };
    let half = if WINDOW == WINDOW_OF_3 { 12 } else { 16 };
    let start = if second { 2 * half } else { 0 };
    let low = window[start..].first_chunk().unwrap_or(&[0; 16]);
    let high = window[start + half..].first_chunk().unwrap_or(&[0; 16]);
    load_halves(low, high)
}
