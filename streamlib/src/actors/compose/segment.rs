//! A segment of a row, on which every picture lies with all of its pixels or with none: all are laid on a few pixels
//! before the next few.
//!
//! So each picture is read once, side by side with the others, and the result is written once. In between there are only
//! sums in registers. They have 16 bits: 8 of the level and 8 of its fraction. So the result is what a calculation in double precision gives, to within one level, for up
//! to some tens of layers, where rounding to 8 bits after each would be off by half a level a layer.
//!
//! On x86-64 with AVX2, found while running, [`super::segment_avx2`] does the same on 32 bytes at a time; the
//! results are the same to the bit.

use super::Blend;
use super::placed::FULL;
#[cfg(target_arch = "x86_64")]
use super::segment_avx2;
use super::simd::Simd;

/// Pixels that are worked on together.
pub(super) const BLOCK: usize = 8;
/// The bytes of a picture that is written past the cache: it would not stay there until it is read, and the cache
/// would be filled with what is written over.
const LARGE: usize = 4 << 20;
/// The sum of a level of 255.
pub(super) const WHITE: u16 = 255 << 8;

/// The sums of [`BLOCK`] pixels, four each.
type Block = [u16; BLOCK * 4];

/// How the pixels of a picture are written down, as far as they are laid as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Rgb,
    Rgba,
    Bgra,
}

impl Order {
    pub const fn bytes(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgba | Self::Bgra => 4,
        }
    }
}

/// How pixels are laid.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    pub order: Order,
    pub blend: Blend,
    pub cover: u16,
    pub light: u16,
}

impl How {
    /// Whether opaque pixels hide all under them.
    pub fn hides_by_alpha(&self) -> bool {
        self.blend == Blend::Over && (self.cover, self.light) == (FULL, FULL)
    }
}

/// A picture that is laid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer<'a> {
    /// As many as the segment has.
    pub pixels: &'a [u8],
    pub how: How,
}

impl Layer<'_> {
    /// Whether its alpha alone says how it is laid, and its pixels need not be put in order.
    pub fn is_plain(&self) -> bool {
        self.how.hides_by_alpha() && self.how.order == Order::Rgba
    }
}

/// What is under all that is laid.
#[derive(Clone, Copy, Debug)]
pub(super) enum Base<'a> {
    /// In 1/256 of a level.
    Color([u16; 3]),
    /// As many as the segment has; their alpha does not count.
    Pixels(&'a [u8], Order),
}

/// Where segments are written to, one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Composer {
    simd: Simd,
    /// Rgb or Rgba.
    order: Order,
    /// Whether the result is written past the cache.
    past: bool,
}

impl Composer {
    /// For a picture of so many bytes.
    pub fn new(simd: Simd, order: Order, bytes: usize) -> Self {
        Self {
            simd,
            order,
            past: bytes >= LARGE,
        }
    }

    /// Writes to `out` the levels nearest to the sums of `layers`, the lowest first, over `base`; alpha, where there is
    /// one, is 255.
    pub fn compose(&self, base: Base<'_>, layers: &[Layer<'_>], out: &mut [u8]) {
        if let (Base::Pixels(pixels, Order::Rgb), []) = (base, layers)
            && self.order == Order::Rgb
            && pixels.len() == out.len()
        {
            return out.copy_from_slice(pixels);
        }
        let block = BLOCK * self.order.bytes();
        let (whole, rest) = out.split_at_mut(out.len() / block * block);
        match self.simd {
            Simd::Portable => portable::compose(base, layers, whole, self.order),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is made only where AVX2 was found.
            Simd::Avx2 => unsafe {
                segment_avx2::compose(base, layers, whole, self.order, self.past);
            },
        }
        if !rest.is_empty() {
            portable::compose_rest(base, layers, whole.len() / block, rest, self.order);
        }
    }

    /// What was written is seen by whoever is told of it after this.
    pub fn finish(self) {
        match self.simd {
            Simd::Portable => {}
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is made only where AVX2 was found.
            Simd::Avx2 => unsafe { segment_avx2::fence() },
        }
    }
}

/// A block of RGBA pixels that begins with these; those behind are clear.
fn padded(pixels: &[u8], order: Order) -> [u8; BLOCK * 4] {
    let mut block = [0; BLOCK * 4];
    let places = block.as_chunks_mut::<4>().0;
    for (place, pixel) in places.iter_mut().zip(pixels.chunks_exact(order.bytes())) {
        *place = match (order, pixel) {
            (Order::Rgba, &[r, g, b, a]) | (Order::Bgra, &[b, g, r, a]) => [r, g, b, a],
            (_, &[r, g, b, ..]) => [r, g, b, u8::MAX],
            _ => [0; 4],
        };
    }
    block
}

/// The work in Rust that any processor runs, and that compilers make vectors of.
mod portable {
    use super::{BLOCK, Base, Blend, Block, FULL, How, Layer, Order, WHITE, padded};

    /// Whole blocks.
    pub fn compose(base: Base<'_>, layers: &[Layer<'_>], out: &mut [u8], order: Order) {
        let chunk = |pixels, order: Order, index| {
            let (bytes, pixels): (_, &[u8]) = (BLOCK * order.bytes(), pixels);
            let block = index * bytes..(index + 1) * bytes;
            pixels.get(block).unwrap_or_default()
        };
        for (index, out) in out.chunks_exact_mut(BLOCK * order.bytes()).enumerate() {
            let mut sums = match base {
                Base::Color(color) => filled(color),
                Base::Pixels(pixels, order) => set(chunk(pixels, order, index), order),
            };
            for Layer { pixels, how } in layers {
                lay(&mut sums, chunk(pixels, how.order, index), how);
            }
            store(&sums, out, order);
        }
    }

    /// The pixels behind `blocks` blocks, fewer than another one.
    pub fn compose_rest(
        base: Base<'_>,
        layers: &[Layer<'_>],
        blocks: usize,
        out: &mut [u8],
        order: Order,
    ) {
        let rest = |pixels, order: Order| {
            let (start, pixels): (_, &[u8]) = (blocks * BLOCK * order.bytes(), pixels);
            padded(pixels.get(start..).unwrap_or_default(), order)
        };
        let mut sums = match base {
            Base::Color(color) => filled(color),
            Base::Pixels(pixels, order) => set(&rest(pixels, order), Order::Rgba),
        };
        for Layer { pixels, how } in layers {
            let pixels = rest(pixels, how.order);
            let order = Order::Rgba;
            lay(&mut sums, &pixels, &How { order, ..*how });
        }
        let mut block = [0; BLOCK * 4];
        store(&sums, &mut block[..BLOCK * order.bytes()], order);
        out.copy_from_slice(&block[..out.len()]);
    }

    fn filled([r, g, b]: [u16; 3]) -> Block {
        std::array::from_fn(|index| [r, g, b, WHITE][index % 4])
    }

    fn set(pixels: &[u8], order: Order) -> Block {
        let mut sums = [0; BLOCK * 4];
        each(&mut sums, pixels, order, |sum, level, _| *sum = level << 8);
        sums
    }

    #[inline(always)]
    fn lay(sums: &mut Block, pixels: &[u8], how: &How) {
        let is_opaque =
            how.order == Order::Rgb || pixels.chunks_exact(4).all(|pixel| pixel[3] == u8::MAX);
        if how.hides_by_alpha() && is_opaque {
            *sums = set(pixels, how.order);
            return;
        }
        let weighted = |weight: u16| {
            move |alpha| {
                if weight == FULL {
                    alpha
                } else {
                    high(alpha, weight)
                }
            }
        };
        let (hide, own) = (weighted(how.cover), weighted(how.light));
        match how.blend {
            Blend::Over => each(sums, pixels, how.order, |sum, level, alpha| {
                let left = *sum - high(*sum, hide(alpha));
                *sum = left.saturating_add(high(level << 8, own(alpha)));
            }),
            Blend::Add => each(sums, pixels, how.order, |sum, level, alpha| {
                *sum = sum.saturating_add(high(level << 8, own(alpha))).min(WHITE);
            }),
            Blend::Multiply => each(sums, pixels, how.order, |sum, level, alpha| {
                let left = *sum - high(*sum, hide(alpha));
                *sum = left.saturating_add(high(high(*sum, level * 257), own(alpha)));
            }),
            Blend::Screen => each(sums, pixels, how.order, |sum, level, alpha| {
                let dark = WHITE.saturating_sub(*sum);
                *sum = sum.saturating_add(high(high(dark, level * 257), own(alpha)));
            }),
        }
    }

    /// The product of two numbers of 16 bits, in 1/65536.
    #[inline(always)]
    fn high(a: u16, b: u16) -> u16 {
        ((u32::from(a) * u32::from(b)) >> 16) as u16
    }

    /// Calls `lay` with each sum, the level that is laid on it, and 257 times the pixel's alpha.
    #[inline(always)]
    fn each(sums: &mut Block, pixels: &[u8], order: Order, lay: impl Fn(&mut u16, u16, u16)) {
        match order {
            Order::Rgba => {
                let Some(pixels) = pixels.first_chunk::<{ BLOCK * 4 }>() else {
                    return;
                };
                for index in 0..BLOCK * 4 {
                    let alpha = u16::from(pixels[index | 3]) * 257;
                    lay(&mut sums[index], u16::from(pixels[index]), alpha);
                }
            }
            Order::Bgra => {
                let Some(pixels) = pixels.first_chunk::<{ BLOCK * 4 }>() else {
                    return;
                };
                for index in 0..BLOCK * 4 {
                    let alpha = u16::from(pixels[index | 3]) * 257;
                    let swapped = if index % 2 == 0 { index ^ 2 } else { index };
                    lay(&mut sums[index], u16::from(pixels[swapped]), alpha);
                }
            }
            Order::Rgb => {
                let Some(pixels) = pixels.first_chunk::<{ BLOCK * 3 }>() else {
                    return;
                };
                for index in (0..BLOCK * 4).filter(|index| index % 4 != 3) {
                    let level = pixels[index / 4 * 3 + index % 4];
                    lay(&mut sums[index], u16::from(level), FULL);
                }
            }
        }
    }

    #[inline(always)]
    fn store(sums: &Block, out: &mut [u8], order: Order) {
        let level = |sum: u16| (sum.saturating_add(128) >> 8) as u8;
        if order == Order::Rgb {
            for (index, out) in out.iter_mut().enumerate() {
                *out = level(sums[index / 3 * 4 + index % 3]);
            }
            return;
        }
        for (index, (out, &sum)) in out.iter_mut().zip(sums).enumerate() {
            let opaque = if index % 4 == 3 { u8::MAX } else { 0 };
            *out = level(sum) | opaque;
        }
    }
}
