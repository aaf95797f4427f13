//! From rows of packed red, green and blue to a line of each.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::rgb_in::Order;
use super::tile::Tile;

/// Writes the levels of the first `count` pixels.
pub(in crate::actors) fn unpack(order: Order, pixels: &[u8], out: &mut Tile, count: usize) {
    let done = avx2_unpack(order, pixels, out, count);
    let pixels = pixels[done * order.step..].chunks_exact(order.step);
    for (x, pixel) in (done..count).zip(pixels) {
        for (line, at) in out.lines.iter_mut().zip(order.rgb) {
            line[x] = pixel[at].into();
        }
    }
}

/// How many of the pixels are done by vectors.
fn avx2_unpack(order: Order, pixels: &[u8], out: &mut Tile, count: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::rgb_in::planes(order, pixels, out, count) };
    }
    0
}
