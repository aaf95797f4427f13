//! Red, green and blue in another order, with alpha or without.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::rgb_in::Order;

/// Writes the first `count` pixels in the order `to`. Alpha stays where both have one; else it is 255.
pub(super) fn swap(from: Order, to: Order, pixels: &[u8], out: &mut [u8], count: usize) {
    let done = avx2_swap(from, to, pixels, out, count);
    let pixels = pixels[done * from.step..].chunks_exact(from.step);
    let out = out[done * to.step..].chunks_exact_mut(to.step);
    for (out, pixel) in out.zip(pixels).take(count - done) {
        if let Some(alpha) = out.get_mut(3) {
            *alpha = pixel.get(3).copied().unwrap_or(u8::MAX);
        }
        for (out_at, at) in to.rgb.into_iter().zip(from.rgb) {
            out[out_at] = pixel[at];
        }
    }
}

/// How many of the pixels are done by vectors.
fn avx2_swap(from: Order, to: Order, pixels: &[u8], out: &mut [u8], count: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::rgb_out::swap(from, to, pixels, out, count) };
    }
    0
}
