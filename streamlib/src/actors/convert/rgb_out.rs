//! From lines of luma and colour differences to rows of packed red, green and blue.

use super::affine::Row;
#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::rgb_in::Order;
use super::tile::Tile;

/// Writes the first `count` pixels; one colour difference of `input` is for two of them, and where there is
/// an alpha it is 255. `rows` are those of red, green and blue.
pub(super) fn pairs(order: Order, rows: &[Row; 3], input: &Tile, out: &mut [u8], count: usize) {
    let done = avx2_pairs(order, rows, input, out, count);
    let [y, u, v] = &input.lines;
    let pixels = out[done * order.step..].chunks_exact_mut(order.step);
    for (x, pixel) in (done..count).zip(pixels) {
        let sample = [y[x], u[x / 2], v[x / 2]];
        write(order, pixel, rows.map(|row| row.apply(sample)));
    }
}

/// Writes the first `count` pixels of red, green and blue in `input`, with an alpha of 255.
pub(in crate::actors) fn each(order: Order, input: &Tile, out: &mut [u8], count: usize) {
    let done = avx2_each(order, input, out, count);
    let pixels = out[done * order.step..].chunks_exact_mut(order.step);
    for (x, pixel) in (done..count).zip(pixels) {
        write(order, pixel, input.lines.each_ref().map(|line| line[x]));
    }
}

fn write(order: Order, pixel: &mut [u8], rgb: [i16; 3]) {
    if let Some(alpha) = pixel.get_mut(3) {
        *alpha = u8::MAX;
    }
    for (at, level) in order.rgb.into_iter().zip(rgb) {
        pixel[at] = level as u8;
    }
}

/// How many of the pixels are done by vectors.
fn avx2_each(order: Order, input: &Tile, out: &mut [u8], count: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::rgb_out::each(order, input, out, count) };
    }
    0
}

fn avx2_pairs(order: Order, rows: &[Row; 3], input: &Tile, out: &mut [u8], count: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::rgb_out::pairs(order, rows, input, out, count) };
    }
    0
}
