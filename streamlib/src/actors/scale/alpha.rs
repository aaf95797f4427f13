//! Colours that count by their alpha, so that what cannot be seen leaves no trace.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::lines::Weighed;
use super::passes::narrowed;
use super::weights::{BITS, ONE, Weights};

/// What the sums of products of two bytes are shifted by, so that they fit into 16 bits with some room above.
pub(super) const SHIFT: u32 = 16;

/// What an alpha of 1 has become when its rows and columns are summed up: a 255th of what one of 255 has, which was
/// rounded on the way.
pub(super) const ALPHA: f32 = (OPAQUE << BITS) as f32 / 255.0;
const OPAQUE: i32 = (255 * 255 * ONE + (1 << SHIFT >> 1)) >> SHIFT;

/// Writes the weighted sums of rows of pixels, of each colour times its alpha, and of 255 times the alpha.
pub(super) fn rows(lines: &Weighed<'_>, out: &mut [i16]) {
    let done = avx2_rows(lines, out);
    rest_of_rows(lines, done, out);
}

/// The same of two rows, of which the second has the same weights and begins two rows of pixels below the first; `offsets` are
/// those of both together.
pub(super) fn two_rows(lines: &Weighed<'_>, offsets: &[usize], out: [&mut [i16]; 2]) {
    let [upper, lower] = out;
    let done = avx2_two_rows(lines, offsets, [&mut *upper, &mut *lower]);
    rest_of_rows(lines, done, upper);
    let offsets = &offsets[2..];
    rest_of_rows(&Weighed { offsets, ..*lines }, done, lower);
}

fn rest_of_rows(lines: &Weighed<'_>, done: usize, out: &mut [i16]) {
    for (x, out) in out.iter_mut().enumerate().skip(done) {
        let alpha = x | 3;
        let products = lines.offsets.iter().zip(lines.weights);
        let sum: i32 = products
            .map(|(&row, &weight)| {
                let level = if x == alpha {
                    255
                } else {
                    lines.bytes[row + x]
                };
                i32::from(level) * i32::from(lines.bytes[row + alpha]) * i32::from(weight)
            })
            .sum();
        *out = narrowed((sum + (1 << SHIFT >> 1)) >> SHIFT);
    }
}

/// Writes the pixels that [`rows`] has summed up, weighted sums of neighbours in `line`, and takes the alpha off
/// the colours again.
pub(super) fn pixels(line: &[i16], weights: &Weights, out: &mut [u8]) {
    let done = avx2_pixels(line, weights, out);
    let pixels = out.as_chunks_mut::<4>().0;
    for (x, out) in pixels.iter_mut().enumerate().skip(done) {
        let (start, weights) = weights.of(x);
        *out = without_alpha([0, 1, 2, 3].map(|channel| {
            let samples = line[start * 4 + channel..].iter().step_by(4);
            samples
                .zip(weights)
                .map(|(&sample, &weight)| i32::from(sample) * i32::from(weight))
                .sum()
        }));
    }
}

/// The pixel of sums of colours times alpha, and of 255 times the alpha.
fn without_alpha(sums: [i32; 4]) -> [u8; 4] {
    let alpha = (sums[3] as f32).max(1.0);
    let colour = 255.0 / alpha;
    let [red, green, blue, _] = sums.map(|sum| (sum as f32 * colour + 0.5) as u8);
    [red, green, blue, (alpha * (1.0 / ALPHA) + 0.5) as u8]
}

/// How many samples are done by vectors.
fn avx2_rows(lines: &Weighed<'_>, out: &mut [i16]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::alpha::rows(lines, out) };
    }
    0
}

fn avx2_two_rows(lines: &Weighed<'_>, offsets: &[usize], out: [&mut [i16]; 2]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::alpha::two_rows(lines, offsets, out) };
    }
    0
}

/// How many pixels are done by vectors.
fn avx2_pixels(line: &[i16], weights: &Weights, out: &mut [u8]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::pixels::pixels::<true>(line, weights, 4, out) };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::super::lines::Ahead;
    use super::*;

    #[test]
    fn vectors_make_what_is_made_pixel_by_pixel() {
        let noise = |at: usize| (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let bytes: Vec<u8> = (0..4 * 400).map(|at| noise(at) as u8).collect();
        let white = vec![255; 4 * 400];
        let weights: [i16; 4] = [-1146, 9338, 9338, -1146];
        for bytes in [&bytes, &white] {
            let sums = |first: usize, out: &mut [i16]| {
                let lines = Weighed {
                    bytes,
                    offsets: &[0, 400, 800, 1200].map(|row| row + first),
                    weights: &weights,
                    ahead: Ahead::default(),
                };
                rows(&lines, out);
            };
            let mut together = [0; 200];
            sums(0, &mut together);
            for (x, pixel) in together.as_chunks::<4>().0.iter().enumerate() {
                let mut alone = [0; 4];
                sums(4 * x, &mut alone);
                assert_eq!(*pixel, alone, "{x}");
            }
        }
    }

    #[test]
    fn two_rows_are_made_as_each_alone() {
        let noise = |at: usize| (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let bytes: Vec<u8> = (0..10 * 200).map(|at| noise(at) as u8).collect();
        let weights: [i16; 8] = [-144, -432, 1820, 6948, 6948, 1820, -432, -144];
        let offsets: Vec<usize> = (0..10).map(|row| row * 200).collect();
        for taps in [2, 4, 8] {
            let lines = |first: usize| Weighed {
                bytes: &bytes,
                offsets: &offsets[first..first + taps],
                weights: &weights[4 - taps / 2..4 + taps / 2],
                ahead: Ahead::default(),
            };
            let [mut upper, mut lower, mut alone] = [[0; 196]; 3];
            two_rows(&lines(0), &offsets[..taps + 2], [&mut upper, &mut lower]);
            for (first, together) in [(0, upper), (2, lower)] {
                rows(&lines(first), &mut alone);
                assert_eq!(together, alone, "row {first} of {taps}");
            }
        }
    }
}
