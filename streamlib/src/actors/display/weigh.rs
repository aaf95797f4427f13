//! Weighted means of pixels, along the columns and along the rows: AVX2 where the processor has it.

/// The weights of a mean add up to two to the power of this.
pub(super) const BITS: u32 = 14;

/// For each of some places, the first pixel that counts there, and the weights from there on, two and two.
#[derive(Default)]
pub(super) struct Weights {
    first: Vec<usize>,
    pairs: usize,
    weights: Vec<[i16; 2]>,
}

impl Weights {
    /// Begins anew, with so many pixels a place.
    pub(super) fn clear(&mut self, taps: usize) {
        self.pairs = taps.div_ceil(2).max(1);
        self.first.clear();
        self.weights.clear();
    }

    /// Adds a place. Weights that there are too many of are left out, those that are missing are 0.
    pub(super) fn push(&mut self, first: usize, weights: impl IntoIterator<Item = i16>) {
        self.first.push(first);
        let mut weights = weights.into_iter();
        let mut next = || weights.next().unwrap_or(0);
        self.weights
            .extend((0..self.pairs).map(|_| [next(), next()]));
    }

    /// From the first pixel that counts anywhere to behind the last, which with an odd number of them is one too many.
    pub(super) fn shown(&self) -> std::ops::Range<usize> {
        let begin = self.first.first().copied().unwrap_or(0);
        let end = self.first.last().copied().unwrap_or(0);
        begin..end + 2 * self.pairs
    }

    /// The pixels before `begin`, of which none counts, are left out of what is weighed.
    pub(super) fn begin_at(&mut self, begin: usize) {
        self.first.iter_mut().for_each(|first| *first -= begin);
    }

    /// Each place: its first pixel and its weights.
    fn places(&self) -> impl Iterator<Item = (usize, &[[i16; 2]])> {
        let weights = self.weights.chunks_exact(self.pairs.max(1));
        self.first.iter().copied().zip(weights)
    }
}

/// The weighted means of pixels of a row, as four channels of 16 bits: 256 times the level.
pub(super) fn weigh_columns(line: &mut [u64], row: &[u32], columns: &Weights) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { avx2::weigh_columns(line, row, columns) };
    }
    portable::weigh_columns(line, row, columns);
}

/// The weighted means of `lines`, the first two by the first pair of weights and so on, as pixels. There are at most half
/// as many pairs as lines.
pub(super) fn weigh_rows<const LINES: usize>(
    target: &mut [u32],
    lines: [&[u64]; LINES],
    weights: &[[i16; 2]],
) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { avx2::weigh_rows(target, lines, weights) };
    }
    portable::weigh_rows(target, lines, weights, 0);
}

/// A line has 8 bits behind the point.
const LINE_BITS: u32 = 8;

/// For any processor.
mod portable {
    use super::{BITS, LINE_BITS, Weights};

    pub(super) fn weigh_columns(line: &mut [u64], row: &[u32], columns: &Weights) {
        const SHIFT: u32 = BITS - LINE_BITS;
        for (to, (first, weights)) in line.iter_mut().zip(columns.places()) {
            let mut sums = [1 << (SHIFT - 1); 4];
            let weights = weights.as_flattened();
            for (&pixel, &weight) in row[first..].iter().zip(weights) {
                for (sum, level) in sums.iter_mut().zip(pixel.to_le_bytes()) {
                    *sum += i32::from(level) * i32::from(weight);
                }
            }
            let [b, g, r, x] = sums.map(|sum| (sum >> SHIFT) as u64);
            *to = b | g << 16 | r << 32 | x << 48;
        }
    }

    /// From column `from` on.
    pub(super) fn weigh_rows<const LINES: usize>(
        target: &mut [u32],
        lines: [&[u64]; LINES],
        weights: &[[i16; 2]],
        from: usize,
    ) {
        const SHIFT: u32 = BITS + LINE_BITS;
        for (x, to) in target.iter_mut().enumerate().skip(from) {
            let mut sums = [1_i32 << (SHIFT - 1); 4];
            for (line, &weight) in lines.iter().zip(weights.as_flattened()) {
                for (channel, sum) in sums.iter_mut().enumerate() {
                    let level = (line[x] >> (16 * channel)) as u16;
                    *sum += i32::from(level) * i32::from(weight);
                }
            }
            *to = u32::from_le_bytes(sums.map(|sum| (sum >> SHIFT) as u8));
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_add_epi32, _mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_madd_epi16,
        _mm_packus_epi32, _mm_set1_epi32, _mm_setr_epi8, _mm_shuffle_epi8, _mm_srai_epi32,
        _mm256_add_epi32, _mm256_extract_epi64, _mm256_loadu_si256, _mm256_madd_epi16,
        _mm256_packs_epi32, _mm256_packus_epi16, _mm256_set1_epi16, _mm256_set1_epi32,
        _mm256_srai_epi32, _mm256_unpackhi_epi16, _mm256_unpacklo_epi16, _mm256_xor_si256,
    };

    use super::{BITS, LINE_BITS, Weights, portable};

    /// Two numbers of 16 bits as one of 32, the first below.
    fn both([low, high]: [i16; 2]) -> i32 {
        i32::from(low as u16) | i32::from(high) << 16
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(four: &[u64; 4]) -> __m256i {
        // SAFETY: there are 32 bytes.
        unsafe { _mm256_loadu_si256(four.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn weigh_columns(line: &mut [u64], row: &[u32], columns: &Weights) {
        const SHIFT: i32 = (BITS - LINE_BITS) as i32;
        // The channels of two pixels in turn, 16 bits each.
        let in_turn = _mm_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1);
        let rounding = _mm_set1_epi32(1 << (SHIFT - 1));
        for (to, (first, weights)) in line.iter_mut().zip(columns.places()) {
            let mut sum: __m128i = rounding;
            for (pixels, &weights) in row[first..].as_chunks::<2>().0.iter().zip(weights) {
                let pixels = u64::from(pixels[0]) | u64::from(pixels[1]) << 32;
                let levels = _mm_shuffle_epi8(_mm_cvtsi64_si128(pixels as i64), in_turn);
                let product = _mm_madd_epi16(levels, _mm_set1_epi32(both(weights)));
                sum = _mm_add_epi32(sum, product);
            }
            let sum = _mm_srai_epi32::<SHIFT>(sum);
            *to = _mm_cvtsi128_si64(_mm_packus_epi32(sum, sum)) as u64;
        }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn weigh_rows<const LINES: usize>(
        target: &mut [u32],
        lines: [&[u64]; LINES],
        weights: &[[i16; 2]],
    ) {
        const SHIFT: i32 = (BITS + LINE_BITS) as i32;
        // Levels are made signed for the multiplication; all of them together that takes so much away.
        let sign = _mm256_set1_epi16(i16::MIN);
        let start = _mm256_set1_epi32((1 << (SHIFT - 1)) + (1 << (15 + BITS)));
        let mut fours: [&[[u64; 4]]; LINES] = [&[]; LINES];
        for (fours, line) in fours.iter_mut().zip(lines) {
            *fours = line.as_chunks().0;
        }
        let targets = target.as_chunks_mut::<4>().0;
        let done = 4 * targets.len();
        for (at, to) in targets.iter_mut().enumerate() {
            let (mut low, mut high) = (start, start);
            for (pair, &weights) in fours.as_chunks::<2>().0.iter().zip(weights) {
                let a = _mm256_xor_si256(load(&pair[0][at]), sign);
                let b = _mm256_xor_si256(load(&pair[1][at]), sign);
                let weights = _mm256_set1_epi32(both(weights));
                let products = _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), weights);
                low = _mm256_add_epi32(low, products);
                let products = _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), weights);
                high = _mm256_add_epi32(high, products);
            }
            let (low, high) = (
                _mm256_srai_epi32::<SHIFT>(low),
                _mm256_srai_epi32::<SHIFT>(high),
            );
            let levels = _mm256_packs_epi32(low, high);
            let bytes = _mm256_packus_epi16(levels, levels);
            let (first, last) = to.split_at_mut(2);
            for (to, pixels) in [
                (first, _mm256_extract_epi64::<0>(bytes)),
                (last, _mm256_extract_epi64::<2>(bytes)),
            ] {
                to[0] = pixels as u32;
                to[1] = (pixels as u64 >> 32) as u32;
            }
        }
        portable::weigh_rows(target, lines, weights, done);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_way_gives_the_same(
            row in prop::collection::vec(any::<u32>(), 8..40), taps in 1_usize..7,
            given in prop::collection::vec(0_i16..2000, 8),
        ) {
            let mut columns = Weights::default();
            columns.clear(taps);
            (0..row.len() - 7).for_each(|first| columns.push(first, given.iter().copied().take(taps)));
            let mut made = [vec![0; row.len() - 7], vec![0; row.len() - 7]];
            weigh_columns(&mut made[0], &row, &columns);
            portable::weigh_columns(&mut made[1], &row, &columns);
            prop_assert_eq!(&made[0], &made[1]);

            let line: Vec<u64> = row.iter().map(|&pixel| u64::from(pixel).wrapping_mul(0x1_0001_0001) & 0xFEFF_FEFF_FEFF_FEFF).collect();
            let lines: [&[u64]; 4] = std::array::from_fn(|at| &line[at..at + row.len() - 7]);
            let rest = (1 << BITS) - given[..3].iter().sum::<i16>();
            let weights = [[given[0], given[1]], [given[2], rest]];
            let mut made = [vec![0; row.len() - 7], vec![0; row.len() - 7]];
            weigh_rows(&mut made[0], lines, &weights);
            portable::weigh_rows(&mut made[1], lines, &weights, 0);
            prop_assert_eq!(&made[0], &made[1]);
        }
    }
}
