//! Rows of packed pixels as rows of `0x00RRGGBB`, at the speed of memory: AVX2 where the processor has it.

/// Whether every pixel was opaque; where one was not, its colour is as if it were.
pub(super) type Opaque = bool;

/// Rgba8.
pub(super) fn rgba(target: &mut [u32], row: &[[u8; 4]]) -> Opaque {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { avx2::rgba(target, row) };
    }
    portable::rgba(target, row)
}

/// Bgra8.
pub(super) fn bgra(target: &mut [u32], row: &[[u8; 4]]) -> Opaque {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { avx2::bgra(target, row) };
    }
    portable::bgra(target, row)
}

/// Rgb8.
pub(super) fn rgb(target: &mut [u32], row: &[[u8; 3]]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { avx2::rgb(target, row) };
    }
    portable::rgb(target, row);
}

/// Loops that the compiler makes vectors of, for whatever processor it compiles them.
mod portable {
    #[inline(always)]
    pub(super) fn rgba(target: &mut [u32], row: &[[u8; 4]]) -> bool {
        let mut all = u32::MAX;
        for (target, &pixel) in target.iter_mut().zip(row) {
            all &= u32::from_le_bytes(pixel);
            *target = u32::from_be_bytes(pixel) >> 8;
        }
        all >= 0xFF00_0000
    }

    #[inline(always)]
    pub(super) fn bgra(target: &mut [u32], row: &[[u8; 4]]) -> bool {
        let mut all = u32::MAX;
        for (target, &pixel) in target.iter_mut().zip(row) {
            let word = u32::from_le_bytes(pixel);
            all &= word;
            *target = word & 0xFF_FFFF;
        }
        all >= 0xFF00_0000
    }

    #[inline(always)]
    pub(super) fn rgb(target: &mut [u32], row: &[[u8; 3]]) {
        for (target, &[r, g, b]) in target.iter_mut().zip(row) {
            *target = u32::from_be_bytes([0, r, g, b]);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m128i, _mm_loadu_si128, _mm_setr_epi8, _mm_shuffle_epi8, _mm_storeu_si128,
    };

    use super::portable;

    #[target_feature(enable = "avx2")]
    pub(super) fn rgba(target: &mut [u32], row: &[[u8; 4]]) -> bool {
        portable::rgba(target, row)
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn bgra(target: &mut [u32], row: &[[u8; 4]]) -> bool {
        portable::bgra(target, row)
    }

    /// Four pixels of three bytes each become four of four, by one shuffle.
    #[target_feature(enable = "avx2")]
    pub(super) fn rgb(target: &mut [u32], row: &[[u8; 3]]) {
        let order = _mm_setr_epi8(2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1);
        let count = target.len().min(row.len());
        let mut done = 0;
        // A load takes 16 bytes, of which 12 are used: six pixels must be there.
        while count - done >= 6 {
            // SAFETY: pixels `done` to `done + 6` are inside of `row`, which makes 18 bytes, and `done` to
            // `done + 4` inside of `target`.
            unsafe {
                let bytes = _mm_loadu_si128(row.as_ptr().add(done).cast::<__m128i>());
                let pixels = _mm_shuffle_epi8(bytes, order);
                _mm_storeu_si128(target.as_mut_ptr().add(done).cast::<__m128i>(), pixels);
            }
            done += 4;
        }
        portable::rgb(&mut target[done..count], &row[done..count]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_way_gives_the_same(bytes in prop::collection::vec(any::<u8>(), 0..400), opaque: bool) {
            let mut bytes = bytes;
            if opaque {
                bytes.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = 255);
            }
            let fours = bytes.as_chunks::<4>().0;
            let mut target = vec![7; fours.len()];
            let all = fours.iter().all(|pixel| pixel[3] == 255);
            prop_assert_eq!(rgba(&mut target, fours), all);
            for (target, &[r, g, b, _]) in target.iter().zip(fours) {
                prop_assert_eq!(target.to_be_bytes(), [0, r, g, b]);
            }
            prop_assert_eq!(bgra(&mut target, fours), all);
            for (target, &[b, g, r, _]) in target.iter().zip(fours) {
                prop_assert_eq!(target.to_be_bytes(), [0, r, g, b]);
            }
            let threes = bytes.as_chunks::<3>().0;
            let mut target = vec![7; threes.len()];
            rgb(&mut target, threes);
            for (target, &[r, g, b]) in target.iter().zip(threes) {
                prop_assert_eq!(target.to_be_bytes(), [0, r, g, b]);
            }
        }
    }
}
