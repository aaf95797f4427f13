//! Pictures.

mod format;
mod frame;
mod layout;

pub use format::PixelFormat;
pub use frame::VideoFrame;
