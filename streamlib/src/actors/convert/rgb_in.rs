//! From rows of packed red, green and blue to lines of luma and colour differences.

use super::affine::Row;
#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::tile::Line;
use crate::message::PixelFormat;

/// Where red, green and blue are in the bytes of a pixel.
#[derive(Clone, Copy, Debug)]
pub(in crate::actors) struct Order {
    /// Bytes of a pixel: 3 or 4.
    pub step: usize,
    pub rgb: [usize; 3],
}

impl Order {
    /// `None` for a format of luma.
    pub fn of(format: PixelFormat) -> Option<Self> {
        let (step, rgb) = match format {
            PixelFormat::Rgb8 => (3, [0, 1, 2]),
            PixelFormat::Rgba8 => (4, [0, 1, 2]),
            PixelFormat::Bgra8 => (4, [2, 1, 0]),
            _ => return None,
        };
        Some(Self { step, rgb })
    }

    fn read(self, pixel: &[u8]) -> [i16; 3] {
        self.rgb.map(|at| i16::from(pixel[at]))
    }
}

/// Writes what `row` makes of each of the first `count` pixels.
pub(super) fn each(order: Order, row: &Row, pixels: &[u8], out: &mut Line, count: usize) {
    let done = avx2_each(order, row, pixels, out, count);
    let pixels = pixels[done * order.step..].chunks_exact(order.step);
    for (out, pixel) in out[done..count].iter_mut().zip(pixels) {
        *out = row.apply(order.read(pixel));
    }
}

/// Writes what `rows` make of each two pixels side by side in the two `lines` together; the last of an odd
/// `count` stands twice. The rows have to be for sums of four.
pub(super) fn fours(
    order: Order,
    rows: &[Row; 2],
    lines: [&[u8]; 2],
    out: [&mut Line; 2],
    count: usize,
) {
    let [out_u, out_v] = out;
    let done = avx2_fours(order, rows, lines, [&mut *out_u, &mut *out_v], count);
    let read = |line: &[u8], x: usize| order.read(&line[x.min(count - 1) * order.step..]);
    for at in done / 2..count.div_ceil(2) {
        let mut sum = [0; 3];
        for line in lines {
            for pixel in [read(line, 2 * at), read(line, 2 * at + 1)] {
                sum.iter_mut()
                    .zip(pixel)
                    .for_each(|(sum, level)| *sum += level);
            }
        }
        out_u[at] = rows[0].apply(sum);
        out_v[at] = rows[1].apply(sum);
    }
}

/// How many of the pixels are done by vectors.
fn avx2_each(order: Order, row: &Row, pixels: &[u8], out: &mut Line, count: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::rgb_in::each(order, row, pixels, out, count) };
    }
    0
}

fn avx2_fours(
    order: Order,
    rows: &[Row; 2],
    lines: [&[u8]; 2],
    out: [&mut Line; 2],
    count: usize,
) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::rgb_in::fours(order, rows, lines, out, count) };
    }
    0
}
