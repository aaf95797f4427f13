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
    let mut frame = VideoFrame::default();
    decode_jpeg_into(bytes, None, &mut frame)?;
    Ok(frame)
}

/// The same in the memory that `frame` has, of a picture that has this size: another one is damaged.
pub(in crate::actors) fn decode_jpeg_into(
    bytes: &[u8],
    size: Option<(u32, u32)>,
    frame: &mut VideoFrame,
) -> Result<()> {
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
    if size.is_some_and(|size| size != (width, height)) {
        return Err(invalid(&format_args!("it is {width} × {height} pixels")));
    }
    frame.reset(PixelFormat::Rgb8, width, height)?;
    frame.pixels_mut().fill(0); // what a damaged one leaves out is black
    decoder
        .decode_into(frame.pixels_mut())
        .map_err(|error| invalid(&error))
}
