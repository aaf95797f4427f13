//! JPEG, by the crate `zune-jpeg`: read only, and as colours of eight bits.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::message::{PixelFormat, VideoFrame};
use crate::{Error, Result};

/// A block of 8 × 8 pixels takes a bit at least.
const MOST_PIXELS_A_BYTE: u64 = 8 * 64;

/// Reads a JPEG: a frame of Rgb8. Which way up it is to be shown (as cameras write into their files) is not looked at.
///
/// # Errors
/// [`Error::Invalid`] when it is no JPEG, is damaged, or says that it is larger than a frame, or than what is in so many
/// bytes, can be.
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
    if u64::from(width) * u64::from(height) > bytes.len() as u64 * MOST_PIXELS_A_BYTE {
        return Err(invalid(&format_args!(
            "which cannot hold {width} × {height} pixels"
        )));
    }
    frame.reset(PixelFormat::Rgb8, width, height)?;
    frame.pixels_mut().fill(0); // what a damaged one leaves out is black
    decoder
        .decode_into(frame.pixels_mut())
        .map_err(|error| invalid(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of a JPEG that says it has this size.
    fn header(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8];
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend([1, 1, 0x11, 0]);
        bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0, 0xFF, 0xD9]);
        bytes
    }

    #[test]
    fn one_that_says_it_is_larger_than_it_can_be_is_refused() {
        for (size, reason) in [
            ((60_000, 60_000), "16384"),
            (
                (16_384, 16_384),
                "28 bytes (which cannot hold 16384 × 16384 pixels)",
            ),
        ] {
            let error = decode_jpeg(&header(size.0, size.1))
                .expect_err("refused")
                .to_string();
            assert!(
                error.contains(reason) && error.contains("a whole JPEG"),
                "{error}"
            );
        }
    }
}
