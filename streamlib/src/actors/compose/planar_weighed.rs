//! Rows of samples of which each picture's have one weight, added up at once: of as many pictures as one sees.

use super::placed::FULL;
use super::planar_sums::{How, level, times};
use super::simd::Simd;

/// The samples of a picture on some columns, row by row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Strips<'a> {
    /// From the first one on.
    pub rest: &'a [u8],
    /// From a row to the next.
    pub stride: usize,
}

impl<'a> Strips<'a> {
    /// Those of a row, and what comes after them.
    pub fn row(self, number: usize) -> &'a [u8] {
        let start = number.saturating_mul(self.stride);
        self.rest.get(start..).unwrap_or_default()
    }
}

/// The most pictures that are weighed together.
const MOST: usize = 16;

/// Pictures over each other, each with the one weight that it has in the result.
#[derive(Debug, Default)]
pub(super) struct Weighed<'a> {
    strips: [Strips<'a>; MOST],
    /// In 1/65536.
    weights: [u16; MOST],
    count: usize,
    /// The share of what is under them all.
    under: f64,
    /// What else is in the result, in 1/256 of a code.
    constant: f64,
    /// It is one picture, as that is.
    is_plain: bool,
}

impl<'a> Weighed<'a> {
    /// `None` if there are too many. The first is the lowest.
    pub fn of(laid: impl Iterator<Item = (How, Strips<'a>)>) -> Option<Self> {
        let mut all = Self {
            under: 1.0,
            ..Self::default()
        };
        let mut shares = [0.0; MOST];
        let share = |weight: u16| f64::from(weight) / f64::from(FULL);
        for (how, strips) in laid {
            *all.strips.get_mut(all.count)? = strips;
            let left = 1.0 - share(how.cover);
            shares[..all.count]
                .iter_mut()
                .for_each(|share| *share *= left);
            shares[all.count] = share(how.light);
            all.under *= left;
            all.constant = all.constant * left + f64::from(how.black);
            all.count += 1;
            all.is_plain = all.count == 1 && (how.cover, how.light) == (FULL, FULL);
        }
        all.weights = shares.map(|share| (share * 65536.0).round() as u16); // saturates
        Some(all)
    }

    /// Writes the next row, under which is `color`, in 1/256 of a code.
    pub fn write_row(&mut self, simd: Simd, out: &mut [u8], color: impl FnOnce() -> u16) {
        let mut codes: [&[u8]; MOST] = [&[]; MOST];
        for (codes, strips) in codes.iter_mut().zip(&mut self.strips[..self.count]) {
            *codes = strips.rest;
            strips.rest = strips.row(1);
        }
        if let (true, Some(codes)) = (self.is_plain, codes[0].get(..out.len())) {
            out.copy_from_slice(codes);
            return;
        }
        // A colour of a row costs more than a few samples, and mostly nothing of it is seen.
        let under = if self.under > 0.0 {
            self.under * f64::from(color())
        } else {
            0.0
        };
        let constant = (self.constant + under).round() as u16;
        let (codes, weights) = (&codes[..self.count], &self.weights[..self.count]);
        simd.weigh(out, codes, weights, constant);
    }
}

impl Simd {
    /// Writes to `out` the sum of `codes`, all at least as long as `out`, each by its weight in 1/65536, and `constant` in
    /// 1/256 of a code.
    pub fn weigh(self, out: &mut [u8], codes: &[&[u8]], weights: &[u16], constant: u16) {
        let done = match self {
            Self::Portable => 0,
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this variant is made only where AVX2 was found.
            Self::Avx2 => unsafe { avx2::weigh(out, codes, weights, constant) },
        };
        for (index, out) in out.iter_mut().enumerate().skip(done) {
            let weighed = codes.iter().zip(weights).map(|(codes, &weight)| {
                let code = codes.get(index).copied().unwrap_or_default();
                times(u16::from(code) << 8, weight)
            });
            *out = level(weighed.fold(constant, u16::saturating_add));
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    //! The same on 32 samples at a time. What is left at the end is the caller's.

    use std::arch::x86_64::*;

    use super::super::segment_avx2::times;

    /// How many were written.
    #[target_feature(enable = "avx2")]
    pub fn weigh(out: &mut [u8], codes: &[&[u8]], weights: &[u16], constant: u16) -> usize {
        // Of few, the weights stay in registers.
        match codes.len() {
            1 => weigh_few::<1>(out, codes, weights, constant),
            2 => weigh_few::<2>(out, codes, weights, constant),
            3 => weigh_few::<3>(out, codes, weights, constant),
            4 => weigh_few::<4>(out, codes, weights, constant),
            _ => weigh_all(out, codes, weights, constant),
        }
    }

    #[target_feature(enable = "avx2")]
    fn weigh_few<const N: usize>(
        out: &mut [u8],
        codes: &[&[u8]],
        weights: &[u16],
        constant: u16,
    ) -> usize {
        match (codes.first_chunk::<N>(), weights.first_chunk::<N>()) {
            (Some(codes), Some(weights)) => weigh_all(out, codes, weights, constant),
            _ => 0,
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn weigh_all(out: &mut [u8], codes: &[&[u8]], weights: &[u16], constant: u16) -> usize {
        let zero = _mm256_setzero_si256();
        let constant = _mm256_set1_epi16(constant.cast_signed());
        let half = _mm256_set1_epi16(128);
        let level = |sum| _mm256_srli_epi16(_mm256_adds_epu16(sum, half), 8);
        let mut done = 0;
        for out in out.as_chunks_mut::<32>().0 {
            let (mut low, mut high) = (constant, constant);
            for (codes, &weight) in codes.iter().zip(weights) {
                let Some(codes) = codes
                    .get(done..)
                    .and_then(|codes| codes.first_chunk::<32>())
                else {
                    return done;
                };
                let weight = _mm256_set1_epi16(weight.cast_signed());
                // SAFETY: the reference is to 32 readable bytes, and the read asks for no alignment.
                let codes = unsafe { _mm256_loadu_si256(codes.as_ptr().cast()) };
                low = _mm256_adds_epu16(low, times(_mm256_unpacklo_epi8(zero, codes), weight));
                high = _mm256_adds_epu16(high, times(_mm256_unpackhi_epi8(zero, codes), weight));
            }
            let levels = _mm256_packus_epi16(level(low), level(high));
            // SAFETY: the reference is to 32 writable bytes, and the write asks for no alignment.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), levels) }
            done += 32;
        }
        done
    }
}
