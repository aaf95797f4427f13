//! Runs of pixels laid on sums in 1/256 of a level.
//!
//! The sums of a run stay in the processor's first cache while all layers are laid on them, so that each
//! picture is read once and the result is written once. They have 16 bits: 8 of the level and 8 of its
//! fraction. So the result is what a calculation in double precision gives, to within one level, for up
//! to some tens of layers, where rounding to 8 bits after each would be off by half a level a layer.
//!
//! On x86-64 with AVX2, found while running, [`super::sums_avx2`] does the same on 32 bytes at a time; the
//! results are the same to the bit.

use std::ops::Range;

use super::Blend;
use super::placed::FULL;
#[cfg(target_arch = "x86_64")]
use super::sums_avx2;

/// Pixels that are worked on together.
pub(super) const BLOCK: usize = 8;
/// Pixels of a run: more would leave the first cache before all layers are laid, fewer would be mostly edges.
pub(super) const RUN: usize = 256;
/// The bytes of a picture that is written past the cache: it would not stay there until it is read, and the cache
/// would be filled with what is written over.
const LARGE: usize = 4 << 20;
/// The sum of a level of 255.
pub(super) const WHITE: u16 = 255 << 8;

/// The sums of [`BLOCK`] pixels, four each. Which lies where is the business of those who work on them.
pub(super) type Block = [u16; BLOCK * 4];

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

/// What the processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Simd {
    Portable,
    /// Only made where AVX2 was found.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Simd {
    pub fn found() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            return Self::Avx2;
        }
        Self::Portable
    }
}

/// The sums of a run.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Sums {
    blocks: [Block; RUN / BLOCK],
    simd: Simd,
    /// Whether the result is written past the cache.
    past: bool,
}

impl Sums {
    /// For a picture of so many bytes.
    pub fn new(simd: Simd, bytes: usize) -> Self {
        Self {
            blocks: [[0; BLOCK * 4]; RUN / BLOCK],
            simd,
            past: bytes >= LARGE,
        }
    }

    /// What was stored is seen by whoever is told of it after this.
    pub fn finish(self) {
        match self.simd {
            Simd::Portable => {}
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is made only where AVX2 was found.
            Simd::Avx2 => unsafe { sums_avx2::fence() },
        }
    }

    /// Begins with one colour for the first `pixels` pixels, in 1/256 of a level.
    pub fn fill(&mut self, pixels: usize, [r, g, b]: [u16; 3]) {
        let block = self.simd.arranged([r, g, b, WHITE]);
        self.blocks[..pixels.div_ceil(BLOCK)].fill(block);
    }

    /// Begins with pixels that hide all under them.
    pub fn set(&mut self, pixels: &[u8], order: Order) {
        let (whole, rest) = split(pixels, order);
        let (first, behind) = self
            .blocks
            .split_at_mut(whole.len() / order.bytes() / BLOCK);
        self.simd.set(first, whole, order);
        if let (false, Some(block)) = (rest.is_empty(), behind.first_mut()) {
            let padded = padded(0, rest, order);
            self.simd
                .set(std::slice::from_mut(block), &padded, Order::Rgba);
        }
    }

    /// Lays `pixels` on those at `place`.
    pub fn lay(&mut self, place: Range<usize>, mut pixels: &[u8], how: &How) {
        let mut block = place.start / BLOCK;
        let edge = How {
            order: Order::Rgba,
            ..*how
        };
        let before = place.start % BLOCK;
        if before != 0 {
            let count = (BLOCK - before).min(place.len()) * how.order.bytes();
            let (head, behind) = pixels.split_at(count.min(pixels.len()));
            let padded = padded(before, head, how.order);
            self.simd
                .lay(&mut self.blocks[block..=block], &padded, &edge);
            (block, pixels) = (block + 1, behind);
        }
        let (whole, rest) = split(pixels, how.order);
        let count = whole.len() / how.order.bytes() / BLOCK;
        self.simd
            .lay(&mut self.blocks[block..block + count], whole, how);
        if !rest.is_empty() {
            let last = block + count;
            let padded = padded(0, rest, how.order);
            self.simd.lay(&mut self.blocks[last..=last], &padded, &edge);
        }
    }

    /// Writes the levels nearest to the sums; alpha, where there is one, is 255.
    pub fn store(&self, out: &mut [u8], order: Order) {
        let whole = out.len() / (BLOCK * order.bytes());
        let (first, behind) = self.blocks.split_at(whole);
        let (out, rest) = out.split_at_mut(whole * BLOCK * order.bytes());
        self.simd.store(first, out, order, self.past);
        if let (false, Some(block)) = (rest.is_empty(), behind.first()) {
            let mut last = [0; BLOCK * 4];
            let last = &mut last[..BLOCK * order.bytes()];
            self.simd
                .store(std::slice::from_ref(block), last, order, false);
            rest.copy_from_slice(&last[..rest.len()]);
        }
    }
}

/// Whole blocks of pixels, and those behind them.
fn split(pixels: &[u8], order: Order) -> (&[u8], &[u8]) {
    let block = BLOCK * order.bytes();
    pixels.split_at(pixels.len() / block * block)
}

/// A block of RGBA pixels, clear but for `pixels` from number `before` on.
fn padded(before: usize, pixels: &[u8], order: Order) -> [u8; BLOCK * 4] {
    let mut block = [0; BLOCK * 4];
    let places = block.as_chunks_mut::<4>().0.iter_mut().skip(before);
    for (place, pixel) in places.zip(pixels.chunks_exact(order.bytes())) {
        *place = match (order, pixel) {
            (Order::Rgba, &[r, g, b, a]) | (Order::Bgra, &[b, g, r, a]) => [r, g, b, a],
            (_, &[r, g, b, ..]) => [r, g, b, u8::MAX],
            _ => [0; 4],
        };
    }
    block
}

/// The work on whole blocks. `pixels` and `out` have as many as `sums`; what has more is not looked at.
impl Simd {
    /// A block of pixels with these sums.
    fn arranged(self, [r, g, b, a]: [u16; 4]) -> Block {
        // The same for both: AVX2 swaps whole pixels only.
        std::array::from_fn(|index| [r, g, b, a][index % 4])
    }

    fn set(self, sums: &mut [Block], pixels: &[u8], order: Order) {
        match self {
            Self::Portable => portable::set(sums, pixels, order),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is made only where AVX2 was found.
            Self::Avx2 => unsafe { sums_avx2::set(sums, pixels, order) },
        }
    }

    fn lay(self, sums: &mut [Block], pixels: &[u8], how: &How) {
        match self {
            Self::Portable => portable::lay(sums, pixels, how),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is made only where AVX2 was found.
            Self::Avx2 => unsafe { sums_avx2::lay(sums, pixels, how) },
        }
    }

    fn store(self, sums: &[Block], out: &mut [u8], order: Order, past: bool) {
        match self {
            Self::Portable => portable::store(sums, out, order),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is made only where AVX2 was found.
            Self::Avx2 => unsafe { sums_avx2::store(sums, out, order, past) },
        }
    }
}

/// The work in Rust that any processor runs, and that compilers make vectors of.
mod portable {
    use super::{BLOCK, Blend, Block, FULL, How, Order, WHITE};

    pub fn set(sums: &mut [Block], pixels: &[u8], order: Order) {
        each(sums, pixels, order, |sum, level, _| *sum = level << 8);
    }

    pub fn lay(sums: &mut [Block], pixels: &[u8], how: &How) {
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
    fn each(sums: &mut [Block], pixels: &[u8], order: Order, lay: impl Fn(&mut u16, u16, u16)) {
        let blocks = sums.iter_mut();
        match order {
            Order::Rgba => {
                for (sums, pixels) in blocks.zip(pixels.as_chunks::<{ BLOCK * 4 }>().0) {
                    for index in 0..BLOCK * 4 {
                        let alpha = u16::from(pixels[index | 3]) * 257;
                        lay(&mut sums[index], u16::from(pixels[index]), alpha);
                    }
                }
            }
            Order::Bgra => {
                for (sums, pixels) in blocks.zip(pixels.as_chunks::<{ BLOCK * 4 }>().0) {
                    for index in 0..BLOCK * 4 {
                        let alpha = u16::from(pixels[index | 3]) * 257;
                        let swapped = if index % 2 == 0 { index ^ 2 } else { index };
                        lay(&mut sums[index], u16::from(pixels[swapped]), alpha);
                    }
                }
            }
            Order::Rgb => {
                for (sums, pixels) in blocks.zip(pixels.as_chunks::<{ BLOCK * 3 }>().0) {
                    for index in (0..BLOCK * 4).filter(|index| index % 4 != 3) {
                        let level = pixels[index / 4 * 3 + index % 4];
                        lay(&mut sums[index], u16::from(level), FULL);
                    }
                }
            }
        }
    }

    pub fn store(sums: &[Block], out: &mut [u8], order: Order) {
        let level = |sum: u16| (sum.saturating_add(128) >> 8) as u8;
        if order == Order::Rgb {
            for (sums, out) in sums.iter().zip(out.as_chunks_mut::<{ BLOCK * 3 }>().0) {
                for (index, out) in out.iter_mut().enumerate() {
                    *out = level(sums[index / 3 * 4 + index % 3]);
                }
            }
            return;
        }
        for (sums, out) in sums.iter().zip(out.as_chunks_mut::<{ BLOCK * 4 }>().0) {
            for (index, out) in out.iter_mut().enumerate() {
                let opaque = if index % 4 == 3 { u8::MAX } else { 0 };
                *out = level(sums[index]) | opaque;
            }
        }
    }
}
