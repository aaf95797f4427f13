//! Images: pixels that were decoded once and are drawn again and again.

use std::sync::Arc;

use vello_cpu::peniko::ImageAlphaType;
use vello_cpu::{PixelMetadata, Pixmap};

use crate::message::{PixelFormat, VideoFrame};
use crate::{Error, Result};

/// An image to be drawn. Cloning it counts a reference.
///
/// ```
/// use streamlib::actors::drawing::Image;
/// use streamlib::prelude::*;
///
/// let logo = VideoFrame::from_pixels(PixelFormat::Rgba8, 1, 2, [255, 0, 0, 255, 0, 0, 255, 128])?;
/// assert_eq!(Image::from_frame(&logo)?.dimensions(), (1, 2));
/// # Ok::<(), streamlib::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Image(pub(super) Arc<Pixmap>);

impl Image {
    /// A copy of a frame of Rgb8 or Rgba8.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty frame, and for one of another format: convert it before.
    pub fn from_frame(frame: &VideoFrame) -> Result<Self> {
        let (width, height) = frame.dimensions();
        let sides = (u16::try_from(width), u16::try_from(height));
        let (Ok(columns), Ok(rows), false) = (sides.0, sides.1, frame.is_empty()) else {
            return Err(Error::invalid(
                "image",
                format_args!("{width} × {height} pixels"),
                "1 to 16384 pixels a side",
            ));
        };
        let mut pixels = Vec::with_capacity(usize::from(columns) * usize::from(rows) * 4);
        for row in frame.rows() {
            match frame.format() {
                PixelFormat::Rgba8 => pixels.extend_from_slice(row),
                PixelFormat::Rgb8 => {
                    let (rgb, _) = row.as_chunks::<3>();
                    pixels.extend(rgb.iter().flat_map(|&[r, g, b]| [r, g, b, u8::MAX]));
                }
                #[allow(unreachable_patterns)]
                other => {
                    return Err(Error::invalid(
                        "image",
                        format_args!("a frame of {other}"),
                        "a frame of Rgb8 or Rgba8; convert it before",
                    ));
                }
            }
        }
        let straight = PixelMetadata::new(ImageAlphaType::Alpha, frame.format().has_alpha());
        let pixmap = Pixmap::from_parts(pixels, columns, rows, straight);
        Ok(Self(Arc::new(pixmap)))
    }

    /// Reads a PNG or JPEG file. Do it once, before the graph starts.
    ///
    /// ```no_run
    /// use streamlib::actors::drawing::Image;
    /// use streamlib::prelude::*;
    ///
    /// let logo = Image::load("logo.png")?;
    /// let bug = Drawing::new(1920, 1080, move |canvas, _| {
    ///     canvas.image(&logo, (1700.0, 60.0, 160.0, 90.0));
    /// });
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`images::load`](crate::actors::images::load).
    #[cfg(feature = "images")]
    pub fn load(path: impl AsRef<std::path::Path>) -> Result<Self> {
        Self::from_frame(&crate::actors::images::load(path)?)
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn dimensions(&self) -> (u32, u32) {
        (self.0.width().into(), self.0.height().into())
    }
}

impl PartialEq for Image {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
