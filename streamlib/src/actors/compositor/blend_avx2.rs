//! [`super::blend`] on 32 bytes at a time, for x86-64 with AVX2.

use std::arch::x86_64::*;

use super::blend::BLOCK;

/// Composes all whole blocks of [`BLOCK`] pixels and returns how many those are.
#[target_feature(enable = "avx2")]
pub(super) fn compose_blocks(out: &mut [u8], base: Option<&[u8]>, layers: &[&[u8]]) -> usize {
    // The usual cases get loops of their own, in which the layers are unrolled: 1.5 times as fast.
    match (base, layers) {
        (None, &[one]) => over_black(out, [one]),
        (None, &[one, two]) => over_black(out, [one, two]),
        (None, more) => over_black(out, more),
        (Some(base), &[one]) => over_rgb(out, base, [one]),
        (Some(base), &[one, two]) => over_rgb(out, base, [one, two]),
        (Some(base), more) => over_rgb(out, base, more),
    }
}

#[target_feature(enable = "avx2")]
fn over_black<'a>(out: &mut [u8], layers: impl AsRef<[&'a [u8]]>) -> usize {
    over(out, |_| Some(_mm256_setzero_si256()), layers)
}

#[target_feature(enable = "avx2")]
fn over_rgb<'a>(out: &mut [u8], base: &[u8], layers: impl AsRef<[&'a [u8]]>) -> usize {
    let (base, _) = base.as_chunks();
    over(
        out,
        |number| base.get(number).map(|rgb| load_rgb(rgb)),
        layers,
    )
}

/// Composes `layers` over the pixels that `below` gives for each block, until a picture ends.
#[target_feature(enable = "avx2")]
#[inline]
fn over<'a>(
    out: &mut [u8],
    below: impl Fn(usize) -> Option<__m256i>,
    layers: impl AsRef<[&'a [u8]]>,
) -> usize {
    let zero = _mm256_setzero_si256();
    let half = _mm256_set1_epi16(128);
    let opaque = _mm256_set1_epi32(0xFF00_0000_u32.cast_signed());

    let (blocks, _) = out.as_chunks_mut();
    for (number, out) in blocks.iter_mut().enumerate() {
        let Some(below) = below(number) else {
            return number;
        };
        // Levels in the upper byte of each 16 bits: sums in 1/256 of a level.
        let mut low = _mm256_unpacklo_epi8(zero, below);
        let mut high = _mm256_unpackhi_epi8(zero, below);
        for layer in layers.as_ref() {
            let Some(pixels) = layer.as_chunks().0.get(number) else {
                return number;
            };
            let pixels = load(pixels);
            let alpha = spread_alpha(pixels);
            low = add_over(
                low,
                _mm256_unpacklo_epi8(pixels, zero),
                _mm256_unpacklo_epi8(alpha, alpha),
            );
            high = add_over(
                high,
                _mm256_unpackhi_epi8(pixels, zero),
                _mm256_unpackhi_epi8(alpha, alpha),
            );
        }
        let low = _mm256_srli_epi16(_mm256_adds_epu16(low, half), 8);
        let high = _mm256_srli_epi16(_mm256_adds_epu16(high, half), 8);
        store(out, _mm256_or_si256(_mm256_packus_epi16(low, high), opaque));
    }
    blocks.len()
}

/// `layer · a + sum · (1 − a)` in 1/256 of a level; `alpha` holds 257 · alpha.
#[target_feature(enable = "avx2")]
#[inline]
fn add_over(sum: __m256i, layer: __m256i, alpha: __m256i) -> __m256i {
    let product = _mm256_mullo_epi16(layer, _mm256_srli_epi16(alpha, 8));
    let own = _mm256_add_epi16(product, _mm256_srli_epi16(product, 8));
    let hidden = _mm256_mulhi_epu16(sum, alpha);
    _mm256_adds_epu16(_mm256_sub_epi16(sum, hidden), own)
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

/// Eight RGB pixels as RGBA with alpha 0.
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
    _mm256_shuffle_epi8(_mm256_set_m128i(last, first), spread)
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(bytes: &[u8; BLOCK * 4]) -> __m256i {
    // SAFETY: the reference is to 32 readable bytes, and the read asks for no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store(bytes: &mut [u8; BLOCK * 4], value: __m256i) {
    // SAFETY: the reference is to 32 writable bytes, and the write asks for no alignment.
    unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), value) }
}
