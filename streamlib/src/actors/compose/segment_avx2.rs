//! The work of [`super::segment`] on 32 bytes at a time, for x86-64 with AVX2.
//!
//! Of a block of 8 pixels the sums of pixels 0, 1, 4 and 5 are in one register, those of 2, 3, 6 and 7 in another: so
//! the unpacking instructions leave them, and the packing one takes them.

use std::arch::asm;
use std::arch::x86_64::*;

use super::Blend;
use super::placed::FULL;
use super::segment::{BLOCK, Base, How, Layer, Order, WHITE};

/// The sums of eight pixels.
#[derive(Clone, Copy)]
struct Sums {
    low: __m256i,
    high: __m256i,
}

/// How a block of the result is written.
#[derive(Clone, Copy)]
enum Write {
    Rgb,
    Rgba,
    /// Past the cache: all are aligned.
    Past,
}

/// See [`super::segment::Composer::compose`]; whole blocks only.
#[target_feature(enable = "avx2")]
pub(super) fn compose(
    base: Base<'_>,
    layers: &[Layer<'_>],
    out: &mut [u8],
    order: Order,
    past: bool,
) {
    let is_aligned = out.as_ptr().cast::<__m256i>().is_aligned();
    let write = match order {
        Order::Rgb => Write::Rgb,
        _ if past && is_aligned => Write::Past,
        _ => Write::Rgba,
    };
    let out = out.chunks_exact_mut(BLOCK * order.bytes());
    if layers.iter().all(Layer::is_plain) {
        // A loop of its own for each number of layers, so that nothing is decided in it.
        match layers.len() {
            1 => return over::<1>(base, layers, out, write),
            2 => return over::<2>(base, layers, out, write),
            3 => return over::<3>(base, layers, out, write),
            4 => return over::<4>(base, layers, out, write),
            5 => return over::<5>(base, layers, out, write),
            6 => return over::<6>(base, layers, out, write),
            7 => return over::<7>(base, layers, out, write),
            8 => return over::<8>(base, layers, out, write),
            _ => {}
        }
    }
    for (index, out) in out.enumerate() {
        let Some(mut sums) = begun(base, index) else {
            return;
        };
        for layer in layers {
            let Some(pixels) = block(layer.pixels, layer.how.order, index) else {
                return;
            };
            sums = laid(sums, pixels, &layer.how);
        }
        write_block(out, levels(sums), write);
    }
}

/// For plain layers, of which there are `N`.
#[target_feature(enable = "avx2")]
#[inline]
fn over<const N: usize>(
    base: Base<'_>,
    layers: &[Layer<'_>],
    out: std::slice::ChunksExactMut<'_, u8>,
    write: Write,
) {
    let Some(layers) = layers.first_chunk::<N>() else {
        return;
    };
    let layers = layers.map(|layer| layer.pixels.as_chunks::<{ BLOCK * 4 }>().0);
    let opaque = opaque();
    for (index, out) in out.enumerate() {
        let Some(mut sums) = begun(base, index) else {
            return;
        };
        for layer in layers {
            let Some(pixels) = layer.get(index) else {
                return;
            };
            let pixels = load(pixels);
            if _mm256_testz_si256(pixels, opaque) != 0 {
                continue;
            }
            if _mm256_testc_si256(pixels, opaque) != 0 {
                sums = bare(pixels);
                continue;
            }
            let alpha = spread_alpha(pixels);
            let zero = _mm256_setzero_si256();
            let lay = |sum, level, alpha| {
                let left = _mm256_sub_epi16(sum, times(sum, alpha));
                _mm256_adds_epu16(left, times(level, alpha))
            };
            sums = Sums {
                low: lay(
                    sums.low,
                    _mm256_unpacklo_epi8(zero, pixels),
                    _mm256_unpacklo_epi8(alpha, alpha),
                ),
                high: lay(
                    sums.high,
                    _mm256_unpackhi_epi8(zero, pixels),
                    _mm256_unpackhi_epi8(alpha, alpha),
                ),
            };
        }
        write_block(out, levels(sums), write);
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn write_block(out: &mut [u8], levels: __m256i, write: Write) {
    if let Write::Rgb = write {
        if let Some(out) = out.first_chunk_mut() {
            store_rgb(out, levels);
        }
        return;
    }
    let Some(out) = out.first_chunk_mut::<{ BLOCK * 4 }>() else {
        return;
    };
    let levels = _mm256_or_si256(levels, opaque());
    if let Write::Past = write {
        // SAFETY: the reference is to 32 writable bytes, which are aligned, as `compose` found of the first.
        unsafe { _mm256_stream_si256(out.as_mut_ptr().cast(), levels) }
    } else {
        // SAFETY: the reference is to 32 writable bytes, and the write asks for no alignment.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), levels) }
    }
}

/// The alpha of eight pixels that hide all under them, and nothing of their colours.
#[target_feature(enable = "avx2")]
#[inline]
fn opaque() -> __m256i {
    _mm256_set1_epi32(0xFF00_0000_u32.cast_signed())
}

/// Block `index` of a segment, as RGBA.
#[target_feature(enable = "avx2")]
#[inline]
fn block(pixels: &[u8], order: Order, index: usize) -> Option<__m256i> {
    let four = || pixels.as_chunks::<{ BLOCK * 4 }>().0.get(index);
    Some(match order {
        Order::Rgb => load_rgb(pixels.as_chunks().0.get(index)?),
        Order::Rgba => load(four()?),
        Order::Bgra => swap_red_blue(load(four()?)),
    })
}

#[target_feature(enable = "avx2")]
#[inline]
fn begun(base: Base<'_>, index: usize) -> Option<Sums> {
    Some(match base {
        Base::Color([r, g, b]) => {
            let [r, g, b, white] = [r, g, b, WHITE].map(u64::from);
            let pixel = r | g << 16 | b << 32 | white << 48;
            let sums = _mm256_set1_epi64x(pixel.cast_signed());
            Sums {
                low: sums,
                high: sums,
            }
        }
        Base::Pixels(pixels, order) => bare(block(pixels, order, index)?),
    })
}

/// The sums of pixels that hide all under them.
#[target_feature(enable = "avx2")]
#[inline]
fn bare(pixels: __m256i) -> Sums {
    let zero = _mm256_setzero_si256();
    Sums {
        low: _mm256_unpacklo_epi8(zero, pixels),
        high: _mm256_unpackhi_epi8(zero, pixels),
    }
}

/// The levels nearest to the sums.
#[target_feature(enable = "avx2")]
#[inline]
fn levels(sums: Sums) -> __m256i {
    let half = _mm256_set1_epi16(128);
    let low = _mm256_srli_epi16(_mm256_adds_epu16(sums.low, half), 8);
    let high = _mm256_srli_epi16(_mm256_adds_epu16(sums.high, half), 8);
    _mm256_packus_epi16(low, high)
}

/// The sums with `pixels` laid on them.
#[target_feature(enable = "avx2")]
#[inline]
fn laid(sums: Sums, pixels: __m256i, how: &How) -> Sums {
    let white = _mm256_set1_epi16(WHITE.cast_signed());
    // Most of a graphic is either clear or opaque.
    if _mm256_testz_si256(pixels, opaque()) != 0 {
        return sums;
    }
    if how.hides_by_alpha() && _mm256_testc_si256(pixels, opaque()) != 0 {
        return bare(pixels);
    }
    match how.blend {
        Blend::Over => weighted::<256>(sums, pixels, how, |sum, level, own, hide| {
            let left = _mm256_sub_epi16(sum, times(sum, hide));
            _mm256_adds_epu16(left, times(level, own))
        }),
        Blend::Add => weighted::<256>(sums, pixels, how, |sum, level, own, _| {
            let added = _mm256_adds_epu16(sum, times(level, own));
            _mm256_min_epu16(added, white)
        }),
        Blend::Multiply => weighted::<257>(sums, pixels, how, |sum, level, own, hide| {
            let left = _mm256_sub_epi16(sum, times(sum, hide));
            let product = times(sum, level);
            _mm256_adds_epu16(left, times(product, own))
        }),
        Blend::Screen => weighted::<257>(sums, pixels, how, |sum, level, own, _| {
            let dark = _mm256_subs_epu16(white, sum);
            let product = times(dark, level);
            _mm256_adds_epu16(sum, times(product, own))
        }),
    }
}

/// Calls `blend` with sums, `TIMES` (256 or 257) the levels that are laid on them, and both weights: each pixel's alpha
/// weighed as `how` says, for its own light and for what it hides.
#[target_feature(enable = "avx2")]
#[inline]
fn weighted<const TIMES: u16>(
    sums: Sums,
    pixels: __m256i,
    how: &How,
    blend: impl Fn(__m256i, __m256i, __m256i, __m256i) -> __m256i,
) -> Sums {
    let alpha = spread_alpha(pixels);
    let alphas = [
        _mm256_unpacklo_epi8(alpha, alpha),
        _mm256_unpackhi_epi8(alpha, alpha),
    ];
    let weighed = |weight: u16| {
        if weight == FULL {
            return alphas;
        }
        let weight = _mm256_set1_epi16(weight.cast_signed());
        alphas.map(|alpha| times(alpha, weight))
    };
    let own = weighed(how.light);
    let hide = if how.cover == how.light {
        own
    } else {
        weighed(how.cover)
    };
    let below = if TIMES == 257 {
        pixels
    } else {
        _mm256_setzero_si256()
    };
    Sums {
        low: blend(
            sums.low,
            _mm256_unpacklo_epi8(below, pixels),
            own[0],
            hide[0],
        ),
        high: blend(
            sums.high,
            _mm256_unpackhi_epi8(below, pixels),
            own[1],
            hide[1],
        ),
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
    _mm256_or_si256(pixels, opaque())
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
