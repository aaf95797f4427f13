//! Pictures in files: PNG and, to be read, JPEG (feature `images`).
//!
//! ```no_run
//! use streamlib::actors::images;
//! use streamlib::message::{PixelFormat, VideoFrame};
//!
//! let frame = VideoFrame::new(PixelFormat::Rgb8, 320, 180)?;
//! images::save_png(&frame, "black.png")?;
//! assert_eq!(images::load_png("black.png")?.pixels(), frame.pixels());
//! # Ok::<(), streamlib::Error>(())
//! ```

mod jpeg;
mod png;

use std::io::Cursor;
use std::path::Path;

use super::files::{self, at};
use crate::Result;
use crate::message::VideoFrame;

pub use self::jpeg::decode_jpeg;
#[cfg(all(feature = "camera", target_os = "linux"))]
pub(super) use self::jpeg::decode_jpeg_into;
pub use self::png::{decode_png, encode_png, load_png, save_png};

/// What a JPEG begins with.
const JPEG: [u8; 2] = [0xff, 0xd8];

/// Reads a PNG or JPEG file, whichever it is.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io), with the path, when the file cannot be read; [`Error::Invalid`](crate::Error::Invalid)
/// when it is neither, is damaged, or says that it is larger than a frame, or than what is in the file, can be. Memory
/// for its pixels is taken after that.
pub fn load(path: impl AsRef<Path>) -> Result<VideoFrame> {
    let path = path.as_ref();
    let bytes = files::read(path)?;
    let decoded = match bytes.starts_with(&JPEG) {
        true => decode_jpeg(&bytes),
        false => decode_png(Cursor::new(bytes)),
    };
    decoded.map_err(|error| at(path, error))
}
