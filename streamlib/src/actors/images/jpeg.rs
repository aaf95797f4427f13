//! JPEG, by the crate `zune-jpeg`: read only, and as colours of eight bits.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::message::{PixelFormat, VideoFrame};
use crate::{Error, Result};

/// Reads a JPEG: a frame of Rgb8. Which way up it is to be shown (as cameras write into their files) is not looked at.
///
/// # Errors
/// [`Error::Invalid`] when it is no JPEG, is damaged, or is larger than a frame can be.
pub fn decode_jpeg(bytes: &[u8]) -> Result<VideoFrame> {
    let invalid = |error: &dyn std::fmt::Display| {
        Error::invalid(
            "JPEG",
            format_args!("{} bytes ({error})", bytes.len()),
            "a whole JPEG of at most 16384 pixels a side",
        )
    };
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| invalid(&error))?;
    let (width, height) = decoder
        .info()
        .map_or((0, 0), |info| (info.width.into(), info.height.into()));
    let mut frame = VideoFrame::new(PixelFormat::Rgb8, width, height)?;
    decoder
        .decode_into(frame.pixels_mut())
        .map_err(|error| invalid(&error))?;
    Ok(frame)
}
