//! Source-over of straight-alpha layers over an opaque base, all layers in one pass over the pixels.
//!
//! The sum is kept in 16 bits: 8 of the level and 8 of its fraction. So the result is what a
//! calculation in double precision gives, to within one level, for up to some hundred layers, where
//! rounding to 8 bits after each layer would be off by half a level a layer.
//!
//! On x86-64 with AVX2, found while running, [`super::blend_avx2`] does the same sums on 32 bytes at a
//! time; the results are the same to the bit.

#[cfg(target_arch = "x86_64")]
use super::blend_avx2;

/// Pixels that are worked on together.
pub(super) const BLOCK: usize = 8;

/// Blends `layers` (RGBA, the lowest first) over `base` (RGB; black when `None`) into `out` (RGBA,
/// alpha 255). All are packed, and of equally many pixels.
pub(super) fn compose(out: &mut [u8], base: Option<&[u8]>, layers: &[&[u8]]) {
    debug_assert!(layers.iter().all(|layer| layer.len() == out.len()));
    debug_assert!(base.is_none_or(|base| base.len() * 4 == out.len() * 3));

    #[cfg(target_arch = "x86_64")]
    let from = if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        unsafe { blend_avx2::compose_blocks(out, base, layers) }
    } else {
        0
    };
    #[cfg(not(target_arch = "x86_64"))]
    let from = 0;

    compose_from(from, out, base, layers);
}

/// [`compose`] for the blocks from number `from` on, and for the pixels behind the last whole block.
pub(super) fn compose_from(from: usize, out: &mut [u8], base: Option<&[u8]>, layers: &[&[u8]]) {
    let (blocks, tail) = out.as_chunks_mut::<{ BLOCK * 4 }>();
    let tail_number = blocks.len();
    for (number, out) in blocks.iter_mut().enumerate().skip(from) {
        let mut sum = base.map_or([0; BLOCK * 4], |base| load_rgb(block(base, number)));
        for layer in layers {
            add_over(&mut sum, block(layer, number));
        }
        *out = round(&sum);
    }
    if !tail.is_empty() {
        let mut sum = base.map_or([0; BLOCK * 4], |base| {
            load_rgb(&padded_block(base, tail_number))
        });
        for layer in layers {
            add_over(&mut sum, &padded_block(layer, tail_number));
        }
        tail.copy_from_slice(&round(&sum)[..tail.len()]);
    }
}

/// Block `number` of a layer; zeros when it ends before.
fn block<const BYTES: usize>(layer: &[u8], number: usize) -> &[u8; BYTES] {
    layer.as_chunks().0.get(number).unwrap_or(&[0; BYTES])
}

/// The bytes of `layer` behind its first `number` blocks, with zeros after them.
fn padded_block<const BYTES: usize>(layer: &[u8], number: usize) -> [u8; BYTES] {
    let mut block = [0; BYTES];
    for (block, &byte) in block.iter_mut().zip(layer.iter().skip(number * BYTES)) {
        *block = byte;
    }
    block
}

/// The levels of RGB pixels as sums in 1/256 of a level.
#[inline(always)]
fn load_rgb(rgb: &[u8; BLOCK * 3]) -> [u16; BLOCK * 4] {
    let mut sum = [0; BLOCK * 4];
    for (sum, pixel) in sum
        .as_chunks_mut::<4>()
        .0
        .iter_mut()
        .zip(rgb.as_chunks::<3>().0)
    {
        let [r, g, b] = pixel.map(|level| u16::from(level) << 8);
        *sum = [r, g, b, 0];
    }
    sum
}

/// `sum = layer · a + sum · (1 − a)` in 1/256 of a level, where `a` is the pixel's alpha / 255.
#[inline(always)]
fn add_over(sum: &mut [u16; BLOCK * 4], layer: &[u8; BLOCK * 4]) {
    for byte in 0..BLOCK * 4 {
        let alpha = u16::from(layer[byte | 3]);
        // x + x/256 for x · 256/255, off by two units at most; 257 · a for a · 65536/255, off by one.
        let product = u16::from(layer[byte]) * alpha;
        let own = product + (product >> 8);
        let hidden = (u32::from(sum[byte]) * u32::from(alpha * 257)) >> 16;
        sum[byte] = (sum[byte] - hidden as u16).saturating_add(own);
    }
}

/// The levels nearest to the sums, with alpha 255.
#[inline(always)]
fn round(sum: &[u16; BLOCK * 4]) -> [u8; BLOCK * 4] {
    let mut levels = [0; BLOCK * 4];
    for byte in 0..BLOCK * 4 {
        let alpha = if byte % 4 == 3 { u8::MAX } else { 0 };
        levels[byte] = (sum[byte].saturating_add(128) >> 8) as u8 | alpha;
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random and are the same on every run (xorshift64*).
    struct Noise(u64);

    impl Noise {
        fn byte(&mut self) -> u8 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 56) as u8
        }

        /// Bytes of which one in four is 0 and one in four 255.
        fn bytes(&mut self, count: usize) -> Vec<u8> {
            (0..count)
                .map(|_| match self.byte() % 4 {
                    0 => 0,
                    1 => u8::MAX,
                    _ => self.byte(),
                })
                .collect()
        }
    }

    fn reference(pixels: usize, base: Option<&[u8]>, layers: &[Vec<u8>]) -> Vec<f64> {
        let mut out = Vec::new();
        for pixel in 0..pixels {
            for channel in 0..3 {
                let below = base.map_or(0.0, |base| f64::from(base[pixel * 3 + channel]));
                out.push(layers.iter().fold(below, |below, layer| {
                    let alpha = f64::from(layer[pixel * 4 + 3]) / 255.0;
                    f64::from(layer[pixel * 4 + channel]) * alpha + below * (1.0 - alpha)
                }));
            }
            out.push(255.0);
        }
        out
    }

    fn assert_close(out: &[u8], base: Option<&[u8]>, layers: &[Vec<u8>]) {
        for (byte, (&level, exact)) in out
            .iter()
            .zip(reference(out.len() / 4, base, layers))
            .enumerate()
        {
            let off = (f64::from(level) - exact).abs();
            assert!(
                off <= 1.0,
                "byte {byte} is {level}, the exact value {exact}"
            );
        }
    }

    fn slices(layers: &[Vec<u8>]) -> Vec<&[u8]> {
        layers.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn agrees_with_double_precision() {
        let mut noise = Noise(1);
        for count in [0, 1, 2, 3, 5, 64] {
            for pixels in [1, 7, 8, 9, 300] {
                let base = noise.bytes(pixels * 3);
                let layers: Vec<_> = (0..count).map(|_| noise.bytes(pixels * 4)).collect();
                for base in [None, Some(base.as_slice())] {
                    let mut out = vec![77; pixels * 4];
                    compose(&mut out, base, &slices(&layers));
                    assert_close(&out, base, &layers);

                    let mut portable = vec![77; pixels * 4];
                    compose_from(0, &mut portable, base, &slices(&layers));
                    assert_eq!(out, portable, "{count} layers of {pixels} pixels");
                }
            }
        }
    }

    #[test]
    fn every_level_over_every_level() {
        for alpha in (0..=255).step_by(15) {
            let base: Vec<u8> = (0..=255).flat_map(|below| [below; 256 * 3]).collect();
            let layer: Vec<u8> = (0..=255)
                .flat_map(|_| (0..=255).flat_map(|s| [s, s, s, alpha]))
                .collect();
            let mut out = vec![0; layer.len()];
            compose(&mut out, Some(&base), &[&layer]);
            for (pixel, out) in out.chunks_exact(4).enumerate() {
                let (below, above) = (pixel / 256, pixel % 256);
                let exact = above * usize::from(alpha) + below * (255 - usize::from(alpha));
                let off = (usize::from(out[0]) * 255).abs_diff(exact);
                assert!(
                    off <= 255 * 51 / 100,
                    "{above} over {below} at {alpha}: {}",
                    out[0]
                );
                assert_eq!(out[3], 255);
            }
        }
    }

    #[test]
    fn clear_layers_change_nothing_and_opaque_ones_hide_all() {
        let base: Vec<u8> = (0..=255).flat_map(|level| [level; 3]).collect();
        let clear = vec![[200, 100, 50, 0]; 256].concat();
        let mut out = vec![0; 256 * 4];
        compose(&mut out, Some(&base), &vec![clear.as_slice(); 100]);
        assert!(
            out.chunks_exact(4)
                .zip(base.chunks_exact(3))
                .all(|(out, base)| out[..3] == *base)
        );

        let opaque: Vec<u8> = (0..=255)
            .flat_map(|level| [level, level, level, 255])
            .collect();
        compose(&mut out, Some(&base[..]), &[&clear, &opaque]);
        assert_eq!(out, opaque);
    }
}
