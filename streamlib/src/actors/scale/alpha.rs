//! Colours weighed by their alpha, so that what cannot be seen does not count.

#[cfg(target_arch = "x86_64")]
use super::avx2;

/// How many bits behind the point a weighed colour and its alpha have.
pub(super) const FRACTION: u32 = 6;

/// 255 with its fraction.
const OPAQUE: i16 = 255 << FRACTION;

/// Whether all of these pixels of four bytes have an alpha of 255.
pub(super) fn is_opaque(pixels: &[u8]) -> bool {
    let pixels = pixels.as_chunks::<4>().0.iter();
    let all = pixels.fold(u32::MAX, |all, pixel| all & u32::from_le_bytes(*pixel));
    all >> 24 == 0xFF
}

/// Weighs the colours in `lines`, levels of the `pixels`, by their alpha, and writes that.
pub(super) fn weigh(pixels: &[u8], lines: [&mut [i16]; 3], alphas: &mut [i16]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::weigh(pixels, lines, alphas) };
    }
    plain_weigh(pixels, lines, alphas);
}

#[inline(always)]
pub(super) fn plain_weigh(pixels: &[u8], lines: [&mut [i16]; 3], alphas: &mut [i16]) {
    let pixels = pixels.as_chunks::<4>().0;
    let count = alphas.len().min(pixels.len());
    let mut all = u8::MAX;
    for (alpha, pixel) in alphas[..count].iter_mut().zip(&pixels[..count]) {
        all &= pixel[3];
        *alpha = i16::from(pixel[3]) << FRACTION;
    }
    for line in lines {
        if all == u8::MAX {
            line[..count]
                .iter_mut()
                .for_each(|level| *level <<= FRACTION);
            continue;
        }
        for (level, &alpha) in line[..count].iter_mut().zip(&*alphas) {
            // By 2^16 / 255; `alpha` has the fraction. 255 of both make 2^30 of them.
            let product = i32::from(*level) * i32::from(alpha >> FRACTION);
            *level = ((product * 16_448 + product / 4 + (1 << 15)) >> 16) as i16;
        }
    }
}

/// Undoes [`weigh`], and rounds.
pub(super) fn weigh_back(lines: [&mut [i16]; 3], alphas: &mut [i16]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::weigh_back(lines, alphas) };
    }
    plain_weigh_back(lines, alphas);
}

#[inline(always)]
pub(super) fn plain_weigh_back(lines: [&mut [i16]; 3], alphas: &mut [i16]) {
    let other = alphas
        .iter()
        .fold(0, |other, alpha| other | (alpha ^ OPAQUE));
    for line in lines {
        if other == 0 {
            line.iter_mut().for_each(|level| *level = rounded(*level));
            continue;
        }
        for (level, &alpha) in line.iter_mut().zip(&*alphas) {
            let whole = f32::from(*level) * 255.0 / f32::from(alpha.max(1));
            *level = (whole + 0.5).min(255.0) as i32 as i16;
        }
    }
    alphas.iter_mut().for_each(|alpha| *alpha = rounded(*alpha));
}

#[inline(always)]
fn rounded(value: i16) -> i16 {
    // Filters make more than all of all, but never so much that this overflows.
    (value.saturating_add(1 << FRACTION >> 1) >> FRACTION).min(255)
}
