//! From premultiplied alpha, in which is drawn, to straight alpha, in which pictures are sent.

/// 255 / alpha, and 0 for 0.
const FACTORS: [f32; 256] = {
    let mut factors = [0.0; 256];
    let mut alpha = 1;
    while alpha < 256 {
        factors[alpha] = 255.0 / alpha as f32;
        alpha += 1;
    }
    factors
};

/// Added to a number, this leaves it rounded in the low bits: of 2^23 on, floats are whole numbers.
const ROUND: f32 = 8_388_608.0;

/// Pixels that are looked at together: those that are all opaque, or all not there, need no work.
const TOGETHER: usize = 8;

/// Divides each component of Rgba8 pixels by their alpha, to the nearest level.
pub(super) fn from_premultiplied(pixels: &mut [u8]) {
    let (blocks, rest) = pixels.as_chunks_mut::<{ 4 * TOGETHER }>();
    for block in blocks {
        let alphas = || block.iter().skip(3).step_by(4);
        let opaque = alphas().fold(u8::MAX, |all, alpha| all & alpha);
        let there = alphas().fold(0, |all, alpha| all | alpha);
        if opaque != u8::MAX && there != 0 {
            divide(block);
        }
    }
    divide(rest);
}

#[inline]
fn divide(pixels: &mut [u8]) {
    for [red, green, blue, alpha] in pixels.as_chunks_mut::<4>().0 {
        let factor = FACTORS[usize::from(*alpha)];
        for component in [red, green, blue] {
            // A product is within 2^-22 of the quotient, which is 1/510 away from where rounding changes.
            let level = (f32::from(*component) * factor).min(255.0);
            *component = (level + ROUND).to_bits() as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_of_every_alpha_is_divided_to_the_nearest() {
        for alpha in 1..=255_u8 {
            let mut pixels: Vec<u8> = (0..=alpha)
                .flat_map(|level| [level, 0, level, alpha])
                .collect();
            from_premultiplied(&mut pixels);
            for (level, pixel) in (0..=alpha).zip(pixels.chunks_exact(4)) {
                let exact = f64::from(level) * 255.0 / f64::from(alpha);
                assert!(
                    (f64::from(pixel[0]) - exact).abs() <= 0.5,
                    "{level} at {alpha}: {pixel:?}"
                );
                assert_eq!((pixel[1], pixel[2], pixel[3]), (0, pixel[0], alpha));
            }
        }
    }

    #[test]
    fn what_covers_nothing_is_black_and_what_is_too_bright_is_white() {
        let mut pixels = [[7, 0, 9, 0], [101, 100, 99, 100]].concat();
        from_premultiplied(&mut pixels);
        assert_eq!(pixels, [0, 0, 0, 0, 255, 255, 252, 100]);
    }
}
