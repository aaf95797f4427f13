//! Pictures from a camera or a capture card: V4L2 (feature `camera`, Linux).

mod actor;
mod choice;
mod device;
mod encoding;
mod feed;

pub use actor::Camera;
