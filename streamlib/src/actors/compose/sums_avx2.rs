//! The work of [`super::sums`] on 32 bytes at a time, for x86-64 with AVX2.
//!
//! Of a block of 8 pixels the sums of pixels 0, 1, 4 and 5 come first, then those of 2, 3, 6 and 7: so
//! the unpacking instructions leave them, and the packing one takes them.

use std::arch::asm;
use std::arch::x86_64::*;

use super::Blend;
use super::placed::FULL;
use super::sums::{BLOCK, Block, How, Order, WHITE};

/// See [`super::sums::Sums::set`].
#[target_feature(enable = "avx2")]
pub(super) fn set(sums: &mut [Block], pixels: &[u8], order: Order) {
    let zero = _mm256_setzero_si256();
    let set = |sums: &mut Block, pixels| {
        let low = _mm256_unpacklo_epi8(zero, pixels);
        store_sums(sums, low, _mm256_unpackhi_epi8(zero, pixels));
    };
    let blocks = sums.iter_mut();
    match order {
        Order::Rgb => blocks
            .zip(pixels.as_chunks().0)
            .for_each(|(sums, pixels)| set(sums, load_rgb(pixels))),
        Order::Rgba => blocks
            .zip(pixels.as_chunks().0)
            .for_each(|(sums, pixels)| set(sums, load(pixels))),
        Order::Bgra => blocks
            .zip(pixels.as_chunks().0)
            .for_each(|(sums, pixels)| set(sums, swap_red_blue(load(pixels)))),
    }
}

/// See [`super::sums::Sums::lay`].
#[target_feature(enable = "avx2")]
pub(super) fn lay(sums: &mut [Block], pixels: &[u8], how: &How) {
    match how.order {
        Order::Rgb => blended(sums, pixels.as_chunks().0, |pixels| load_rgb(pixels), how),
        Order::Rgba => blended(sums, pixels.as_chunks().0, |pixels| load(pixels), how),
        Order::Bgra => blended(
            sums,
            pixels.as_chunks().0,
            |pixels| swap_red_blue(load(pixels)),
            how,
        ),
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn blended<const N: usize>(
    sums: &mut [Block],
    pixels: &[[u8; N]],
    load: impl Fn(&[u8; N]) -> __m256i,
    how: &How,
) {
    let white = _mm256_set1_epi16(WHITE.cast_signed());
    match how.blend {
        Blend::Over => weighted::<N, 256>(sums, pixels, load, how, |sum, level, own, hide| {
            let left = _mm256_sub_epi16(sum, times(sum, hide));
            _mm256_adds_epu16(left, times(level, own))
        }),
        Blend::Add => weighted::<N, 256>(sums, pixels, load, how, |sum, level, own, _| {
            let added = _mm256_adds_epu16(sum, times(level, own));
            _mm256_min_epu16(added, white)
        }),
        Blend::Multiply => weighted::<N, 257>(sums, pixels, load, how, |sum, level, own, hide| {
            let left = _mm256_sub_epi16(sum, times(sum, hide));
            let product = times(sum, level);
            _mm256_adds_epu16(left, times(product, own))
        }),
        Blend::Screen => weighted::<N, 257>(sums, pixels, load, how, |sum, level, own, _| {
            let dark = _mm256_subs_epu16(white, sum);
            let product = times(dark, level);
            _mm256_adds_epu16(sum, times(product, own))
        }),
    }
}

/// Weighs the alpha of each pixel as `how` says, for its own light and for what it hides.
#[target_feature(enable = "avx2")]
#[inline]
fn weighted<const N: usize, const TIMES: u16>(
    sums: &mut [Block],
    pixels: &[[u8; N]],
    load: impl Fn(&[u8; N]) -> __m256i,
    how: &How,
    blend: impl Fn(__m256i, __m256i, __m256i, __m256i) -> __m256i,
) {
    let cover = _mm256_set1_epi16(how.cover.cast_signed());
    let light = _mm256_set1_epi16(how.light.cast_signed());
    match (how.cover, how.light) {
        (FULL, FULL) => run::<N, TIMES>(sums, pixels, load, |alpha| (alpha, alpha), blend),
        (FULL, _) => run::<N, TIMES>(
            sums,
            pixels,
            load,
            |alpha| (times(alpha, light), alpha),
            blend,
        ),
        (same, other) if same == other => {
            let weigh = |alpha| {
                let weight = times(alpha, cover);
                (weight, weight)
            };
            run::<N, TIMES>(sums, pixels, load, weigh, blend);
        }
        (_, FULL) => run::<N, TIMES>(
            sums,
            pixels,
            load,
            |alpha| (alpha, times(alpha, cover)),
            blend,
        ),
        _ => {
            let weigh = |alpha| (times(alpha, light), times(alpha, cover));
            run::<N, TIMES>(sums, pixels, load, weigh, blend);
        }
    }
}

/// Calls `blend` with sums, `TIMES` (256 or 257) the levels that are laid on them, and both weights.
#[target_feature(enable = "avx2")]
#[inline]
fn run<const N: usize, const TIMES: u16>(
    sums: &mut [Block],
    pixels: &[[u8; N]],
    load: impl Fn(&[u8; N]) -> __m256i,
    weigh: impl Fn(__m256i) -> (__m256i, __m256i),
    blend: impl Fn(__m256i, __m256i, __m256i, __m256i) -> __m256i,
) {
    for (sums, pixels) in sums.iter_mut().zip(pixels) {
        let pixels = load(pixels);
        let below = if TIMES == 257 {
            pixels
        } else {
            _mm256_setzero_si256()
        };
        let alpha = spread_alpha(pixels);
        let (low, high) = load_sums(sums);
        let (own, hide) = weigh(_mm256_unpacklo_epi8(alpha, alpha));
        let low = blend(low, _mm256_unpacklo_epi8(below, pixels), own, hide);
        let (own, hide) = weigh(_mm256_unpackhi_epi8(alpha, alpha));
        let high = blend(high, _mm256_unpackhi_epi8(below, pixels), own, hide);
        store_sums(sums, low, high);
    }
}

/// See [`super::sums::Sums::store`].
#[target_feature(enable = "avx2")]
pub(super) fn store(sums: &[Block], out: &mut [u8], order: Order, past: bool) {
    let half = _mm256_set1_epi16(128);
    let levels = |sums: &Block| {
        let (low, high) = load_sums(sums);
        let low = _mm256_srli_epi16(_mm256_adds_epu16(low, half), 8);
        let high = _mm256_srli_epi16(_mm256_adds_epu16(high, half), 8);
        _mm256_packus_epi16(low, high)
    };
    if order == Order::Rgb {
        for (sums, out) in sums.iter().zip(out.as_chunks_mut().0) {
            store_rgb(out, levels(sums));
        }
        return;
    }
    let opaque = _mm256_set1_epi32(0xFF00_0000_u32.cast_signed());
    let past = past && out.as_ptr().cast::<__m256i>().is_aligned();
    for (sums, out) in sums.iter().zip(out.as_chunks_mut::<{ BLOCK * 4 }>().0) {
        let levels = _mm256_or_si256(levels(sums), opaque);
        if past {
            // SAFETY: the reference is to 32 writable bytes, and the first of the row's is aligned, so all are.
            unsafe { _mm256_stream_si256(out.as_mut_ptr().cast(), levels) }
        } else {
            // SAFETY: the reference is to 32 writable bytes, and the write asks for no alignment.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), levels) }
        }
    }
}

/// What was written past the cache is seen before what is written after this.
#[target_feature(enable = "avx2")]
pub(super) fn fence() {
    _mm_sfence();
}

/// The products of numbers of 16 bits, in 1/65536.
///
/// The instruction is named because the compiler takes `_mm256_mulhi_epu16` apart, into products of 32 bits
/// that it keeps from one to the next.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn times(a: __m256i, b: __m256i) -> __m256i {
    let product;
    // SAFETY: an instruction of AVX2, which reads and writes nothing but these registers.
    unsafe {
        asm!(
            "vpmulhuw {}, {}, {}",
            lateout(ymm_reg) product,
            in(ymm_reg) a,
            in(ymm_reg) b,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    product
}

/// The alpha of each pixel in all four of its bytes.
#[target_feature(enable = "avx2")]
#[inline]
fn spread_alpha(pixels: __m256i) -> __m256i {
    let alpha = _mm256_setr_epi8(
        3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15, //
        3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15,
    );
    _mm256_shuffle_epi8(pixels, alpha)
}

#[target_feature(enable = "avx2")]
#[inline]
fn swap_red_blue(pixels: __m256i) -> __m256i {
    let swapped = _mm256_setr_epi8(
        2, 1, 0, 3, 6, 5, 4, 7, 10, 9, 8, 11, 14, 13, 12, 15, //
        2, 1, 0, 3, 6, 5, 4, 7, 10, 9, 8, 11, 14, 13, 12, 15,
    );
    _mm256_shuffle_epi8(pixels, swapped)
}

/// Eight RGB pixels as RGBA with alpha 255.
#[target_feature(enable = "avx2")]
#[inline]
fn load_rgb(rgb: &[u8; BLOCK * 3]) -> __m256i {
    // SAFETY: both reads of 16 bytes, from byte 0 and from byte 8, lie within the 24 of `rgb`.
    let (first, last) = unsafe {
        (
            _mm_loadu_si128(rgb.as_ptr().cast()),
            _mm_loadu_si128(rgb.as_ptr().add(8).cast()),
        )
    };
    let spread = _mm256_setr_epi8(
        0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, //
        4, 5, 6, -1, 7, 8, 9, -1, 10, 11, 12, -1, 13, 14, 15, -1,
    );
    let pixels = _mm256_shuffle_epi8(_mm256_set_m128i(last, first), spread);
    _mm256_or_si256(pixels, _mm256_set1_epi32(0xFF00_0000_u32.cast_signed()))
}

/// The red, green and blue of eight pixels.
#[target_feature(enable = "avx2")]
#[inline]
fn store_rgb(out: &mut [u8; BLOCK * 3], pixels: __m256i) {
    let packed = _mm256_setr_epi8(
        0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, //
        0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1,
    );
    let together = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    let packed = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(pixels, packed), together);
    // SAFETY: the writes of 16 bytes at byte 0 and of 8 at byte 16 lie within the 24 of `out`.
    unsafe {
        _mm_storeu_si128(out.as_mut_ptr().cast(), _mm256_castsi256_si128(packed));
        _mm_storel_epi64(
            out.as_mut_ptr().add(16).cast(),
            _mm256_extracti128_si256(packed, 1),
        );
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(bytes: &[u8; BLOCK * 4]) -> __m256i {
    // SAFETY: the reference is to 32 readable bytes, and the read asks for no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load_sums(sums: &Block) -> (__m256i, __m256i) {
    // SAFETY: the reference is to 64 readable bytes, and the reads ask for no alignment.
    unsafe {
        let first: *const __m256i = sums.as_ptr().cast();
        (_mm256_loadu_si256(first), _mm256_loadu_si256(first.add(1)))
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store_sums(sums: &mut Block, low: __m256i, high: __m256i) {
    // SAFETY: the reference is to 64 writable bytes, and the writes ask for no alignment.
    unsafe {
        let first: *mut __m256i = sums.as_mut_ptr().cast();
        _mm256_storeu_si256(first, low);
        _mm256_storeu_si256(first.add(1), high);
    }
}
