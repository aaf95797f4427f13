//! Rows of samples of which each picture's have one weight, laid one after the other on sums in 1/256 of a code: of many pictures.

use super::placed::FULL;
use super::simd::Simd;

/// Samples of a run, whose sums stay in the first cache.
pub(super) const RUN: usize = 1024;

/// How samples are laid: `below · (1 − cover) + own · light + black`.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    pub cover: u16,
    pub light: u16,
    /// What takes the place of the light that is missing, in 1/256 of a code.
    pub black: u16,
}

impl Simd {
    fn lay(self, sums: &mut [u16], codes: &[u8], how: &How) {
        let done = match self {
            Self::Portable => 0,
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is made only where AVX2 was found.
            Self::Avx2 => unsafe { avx2::lay(sums, codes, how) },
        };
        for (sum, &code) in sums.iter_mut().zip(codes).skip(done) {
            *sum = laid(*sum, code, how);
        }
    }
}

/// The sums of a run.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Sums {
    sums: [u16; RUN],
    simd: Simd,
}

impl Sums {
    pub fn new(simd: Simd) -> Self {
        Self {
            sums: [0; RUN],
            simd,
        }
    }

    /// Begins with one code for the first `count` samples, in 1/256 of it.
    pub fn fill(&mut self, count: usize, code: u16) {
        self.sums[..count].fill(code);
    }

    /// Lays as many of `codes` on the first of them.
    pub fn lay(&mut self, codes: &[u8], how: &How) {
        self.simd.lay(&mut self.sums, codes, how);
    }

    /// Writes the codes nearest to the sums.
    pub fn store(&self, out: &mut [u8]) {
        for (out, &sum) in out.iter_mut().zip(&self.sums) {
            *out = level(sum);
        }
    }
}

#[inline(always)]
pub(super) fn level(sum: u16) -> u8 {
    (sum.saturating_add(128) >> 8) as u8
}

/// The product, in 1/65536.
#[inline(always)]
pub(super) fn times(a: u16, b: u16) -> u16 {
    ((u32::from(a) * u32::from(b)) >> 16) as u16
}

#[inline(always)]
fn laid(sum: u16, code: u8, how: &How) -> u16 {
    let share = |a: u16, b: u16| if b == FULL { a } else { times(a, b) };
    let left = sum - share(sum, how.cover);
    let own = share(u16::from(code) << 8, how.light);
    left.saturating_add(own).saturating_add(how.black)
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    //! The same on 16 samples at a time. What is left at the end is the caller's.

    use std::arch::x86_64::*;

    use super::super::segment_avx2::times;
    use super::{FULL, How};

    /// How samples are laid, for 16 at a time.
    struct Weights {
        cover: __m256i,
        light: __m256i,
        black: __m256i,
        /// All bits where a weight is 1, which 65535/65536 is not quite.
        covers: __m256i,
        lights: __m256i,
    }

    impl Weights {
        #[target_feature(enable = "avx2")]
        #[inline]
        fn new(how: &How) -> Self {
            let all = |weight: u16| _mm256_set1_epi16(if weight == FULL { -1 } else { 0 });
            Self {
                cover: _mm256_set1_epi16(how.cover.cast_signed()),
                light: _mm256_set1_epi16(how.light.cast_signed()),
                black: _mm256_set1_epi16(how.black.cast_signed()),
                covers: all(how.cover),
                lights: all(how.light),
            }
        }

        /// `own` is 256 times the codes.
        #[target_feature(enable = "avx2")]
        #[inline]
        fn lay(&self, sum: __m256i, own: __m256i) -> __m256i {
            let hidden = _mm256_blendv_epi8(times(sum, self.cover), sum, self.covers);
            let lit = _mm256_blendv_epi8(times(own, self.light), own, self.lights);
            let left = _mm256_sub_epi16(sum, hidden);
            _mm256_adds_epu16(_mm256_adds_epu16(left, lit), self.black)
        }
    }

    /// How many were laid.
    #[target_feature(enable = "avx2")]
    pub fn lay(sums: &mut [u16], codes: &[u8], how: &How) -> usize {
        let weights = Weights::new(how);
        let blocks = sums
            .as_chunks_mut::<16>()
            .0
            .iter_mut()
            .zip(codes.as_chunks::<16>().0);
        let mut done = 0;
        for (sums, codes) in blocks {
            // SAFETY: the references are to 32 and 16 readable bytes, and the reads ask for no alignment.
            let (sum, codes) = unsafe {
                (
                    _mm256_loadu_si256(sums.as_ptr().cast()),
                    _mm_loadu_si128(codes.as_ptr().cast()),
                )
            };
            let own = _mm256_slli_epi16(_mm256_cvtepu8_epi16(codes), 8);
            let sum = weights.lay(sum, own);
            // SAFETY: the reference is to 32 writable bytes, and the write asks for no alignment.
            unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast(), sum) }
            done += 16;
        }
        done
    }
}
