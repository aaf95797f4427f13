//! Pictures in files: PNG (feature `images`).
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

mod png;

pub use self::png::{decode_png, encode_png, load_png, save_png};
