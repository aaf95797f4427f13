//! Turns a picture into the window's pixels: `0x00RRGGBB` each, laid into the window as it is told to.

use super::fit::{Fit, Scaling};
use super::picture::{Picture, over_black};
use super::resample::Resampler;
use super::swizzle;
use crate::message::PixelFormat;

/// What is kept from frame to frame to paint fast.
#[derive(Default)]
pub(super) struct Painter {
    resampler: Resampler,
}

impl Painter {
    /// Paints all `pixels` of a `window` of that width and height; what the picture leaves free is black.
    /// Allocates only when the picture or the window is wider than before.
    pub(super) fn paint(
        &mut self,
        picture: Picture<'_>,
        pixels: &mut [u32],
        window: (usize, usize),
        scaling: Scaling,
    ) -> Fit {
        let aspect = picture.frame().pixel_aspect();
        let fit = Fit::new(picture.size(), aspect, window, scaling);
        let (columns, rows) = (fit.columns(), fit.rows());
        let width = window.0;
        if columns.is_empty() || rows.is_empty() {
            pixels.fill(0);
            return fit;
        }
        pixels[..rows.start * width].fill(0);
        pixels[rows.end * width..].fill(0);

        let format = picture.format();
        let channels = format.channels();
        let lines = pixels.chunks_exact_mut(width).zip(0..);
        let lines = lines.skip(rows.start).take(rows.len()).map(|(line, y)| {
            line[..columns.start].fill(0);
            line[columns.end..].fill(0);
            (&mut line[columns.clone()], y)
        });
        if let Some((left, top)) = fit.exact_from() {
            for (row, (line, _)) in (top..).zip(lines) {
                paint_row(line, &picture.row(row)[left * channels..], format);
            }
            return fit;
        }
        self.resampler.begin(fit.columns);
        for (line, y) in lines {
            self.resampler
                .paint(fit.rows, y, line, |row, shown, target| {
                    paint_row(target, &picture.row(row)[shown.start * channels..], format);
                });
        }
        fit
    }
}

/// Pixel for pixel.
fn paint_row(target: &mut [u32], row: &[u8], format: PixelFormat) {
    let fours = row.as_chunks::<4>().0;
    let is_opaque = match format {
        PixelFormat::Rgba8 => swizzle::rgba(target, fours),
        PixelFormat::Bgra8 => swizzle::bgra(target, fours),
        PixelFormat::Rgb8 => {
            swizzle::rgb(target, row.as_chunks().0);
            true
        }
        _ => {
            for (target, &luma) in target.iter_mut().zip(row) {
                *target = u32::from(luma) * 0x01_0101;
            }
            true
        }
    };
    // Most rows are opaque from end to end; others are painted once more.
    if !is_opaque {
        for (target, pixel) in target.iter_mut().zip(fours) {
            *target = one(pixel, format);
        }
    }
}

fn one(pixel: &[u8], format: PixelFormat) -> u32 {
    let (r, g, b, alpha) = match (format, pixel) {
        (_, &[r, g, b]) => return u32::from_be_bytes([0, r, g, b]),
        (_, &[luma]) => return u32::from(luma) * 0x01_0101,
        (PixelFormat::Bgra8, &[b, g, r, alpha]) | (_, &[r, g, b, alpha]) => (r, g, b, alpha),
        _ => return 0,
    };
    if alpha == 0xFF {
        return u32::from_be_bytes([0, r, g, b]);
    }
    let [r, g, b] = [r, g, b].map(|level| over_black(level, alpha));
    u32::from_be_bytes([0, r, g, b])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::VideoFrame;

    fn paint(
        format: PixelFormat,
        size: (u32, u32),
        bytes: &[u8],
        window: (usize, usize),
    ) -> Vec<u32> {
        let frame = VideoFrame::from_pixels(format, size.0, size.1, bytes).unwrap();
        let mut pixels = vec![7; window.0 * window.1];
        let picture = Picture::new(&frame).unwrap();
        Painter::default().paint(picture, &mut pixels, window, Scaling::Fit);
        pixels
    }

    #[test]
    fn paints_pixel_for_pixel() {
        let bytes: Vec<u8> = (1..=18).collect();
        assert_eq!(
            paint(PixelFormat::Rgb8, (6, 1), &bytes, (6, 1)),
            [0x010203, 0x040506, 0x070809, 0x0A0B0C, 0x0D0E0F, 0x101112]
        );
        let two = [1, 2, 3, 255, 255, 255, 255, 0];
        assert_eq!(
            paint(PixelFormat::Rgba8, (2, 1), &two, (2, 1)),
            [0x010203, 0]
        );
        assert_eq!(
            paint(PixelFormat::Rgba8, (1, 1), &two[..4], (1, 1)),
            [0x010203]
        );
        assert_eq!(
            paint(PixelFormat::Bgra8, (2, 1), &two, (2, 1)),
            [0x030201, 0]
        );
        assert_eq!(
            paint(PixelFormat::Bgra8, (1, 1), &two[..4], (1, 1)),
            [0x030201]
        );
        assert_eq!(
            paint(PixelFormat::Gray8, (2, 1), &[1, 255], (2, 1)),
            [0x010101, 0xFFFFFF]
        );
    }

    #[test]
    fn scales_smoothly_and_leaves_the_rest_black() {
        let grey = |level: u32| level * 0x01_0101;
        let pixels = paint(PixelFormat::Rgb8, (2, 1), &[1, 1, 1, 5, 5, 5], (4, 4));
        let rows: Vec<&[u32]> = pixels.chunks(4).collect();
        let shown = [1, 2, 4, 5].map(grey);
        assert_eq!(rows, [&[0; 4], &shown, &shown, &[0; 4]]);
        let high = paint(PixelFormat::Rgb8, (1, 2), &[1, 1, 1, 2, 2, 2], (4, 2));
        assert_eq!(high, [0, grey(1), 0, 0, 0, grey(2), 0, 0]);
        // What is made smaller is the mean of all that it was.
        let checks: Vec<u8> = (0..16)
            .map(|at| if at % 2 == 0 { 0 } else { 200 })
            .collect();
        assert_eq!(
            paint(PixelFormat::Gray8, (16, 1), &checks, (1, 1)),
            [grey(100)]
        );
    }

    #[test]
    fn rows_with_gaps_are_painted_without_them() {
        let mut frame = VideoFrame::default();
        frame
            .reset_with_strides(PixelFormat::Gray8, 2, 2, &[64])
            .unwrap();
        for (row, level) in frame.rows_mut().zip(1..) {
            row.fill(level);
        }
        let mut pixels = vec![7; 4];
        let picture = Picture::new(&frame).unwrap();
        Painter::default().paint(picture, &mut pixels, (2, 2), Scaling::Exact);
        assert_eq!(pixels, [0x010101, 0x010101, 0x020202, 0x020202]);
    }

    #[test]
    fn any_window_can_be_painted() {
        for &format in PixelFormat::ALL
            .iter()
            .filter(|&&format| Picture::takes(format))
        {
            for size in [(1, 1), (5, 3), (300, 2)] {
                let frame = VideoFrame::new(format, size.0, size.1).unwrap();
                let picture = Picture::new(&frame).unwrap();
                for window in [(0, 0), (0, 5), (5, 0), (1, 1), (7, 100), (100, 7)] {
                    for scaling in [Scaling::Fit, Scaling::Fill, Scaling::Exact] {
                        let mut pixels = vec![7; window.0 * window.1];
                        Painter::default().paint(picture, &mut pixels, window, scaling);
                        assert!(
                            pixels.iter().all(|&pixel| pixel == 0),
                            "no pixel is left out"
                        );
                    }
                }
            }
        }
    }
}
