//! Pictures.

mod format;
mod frame;
mod layout;
mod pixels;

pub use format::PixelFormat;
pub use frame::VideoFrame;
