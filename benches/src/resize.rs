//! The crate `fast_image_resize` on pictures as `pictures` scales them: the peer.

pub use fast_image_resize::FilterType;
use fast_image_resize::images::Image;
use fast_image_resize::{PixelType, ResizeAlg, ResizeOptions, Resizer};
use streamlib::{Error, Result};

use crate::figures::{Figures, Meter};

const FRAMES: u64 = 60;

/// What is scaled.
#[derive(Clone, Copy, Debug)]
pub enum Planes {
    /// One of luma and two of colour.
    I420,
    /// One of pixels that are opaque, which the crate is told.
    Rgba,
    /// One of pixels that are weighed by their alpha.
    RgbaByAlpha,
}

/// The cost of a 2160p picture in 1080p with a filter.
///
/// # Errors
/// When the crate refuses the pictures.
pub fn scale(planes: Planes, filter: FilterType) -> Result<Figures> {
    let (sizes, pixel): (&[(u32, u32)], _) = match planes {
        Planes::I420 => (&[(3840, 2160), (1920, 1080), (1920, 1080)], PixelType::U8),
        Planes::Rgba | Planes::RgbaByAlpha => (&[(3840, 2160)], PixelType::U8x4),
    };
    let noise = |seed: u64, &(width, height): &(u32, u32)| {
        let bytes = u64::from(width * height) * pixel.size() as u64;
        let byte = |index: u64| ((index + seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as u8;
        Image::from_vec_u8(width, height, (0..bytes).map(byte).collect(), pixel)
            .map_err(Error::other)
    };
    let pictures = [0, 1].map(|seed| sizes.iter().map(|size| noise(seed, size)).collect());
    let [first, second] = pictures.map(|planes: Result<Vec<_>>| planes);
    let pictures = [first?, second?];
    let small = |&(width, height)| Image::new(width / 2, height / 2, pixel);
    let mut out: Vec<Image<'_>> = sizes.iter().map(small).collect();
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .use_alpha(matches!(planes, Planes::RgbaByAlpha));
    let mut resizer = Resizer::new();
    let mut run = |frames: u64| {
        for number in 0..frames {
            for (from, to) in pictures[number as usize % 2].iter().zip(&mut out) {
                resizer.resize(from, to, &options).map_err(Error::other)?;
            }
        }
        Ok::<_, Error>(())
    };
    run(5)?;
    let meter = Meter::start();
    run(FRAMES)?;
    Ok(meter.a_frame(FRAMES))
}
