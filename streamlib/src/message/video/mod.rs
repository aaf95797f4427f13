//! Pictures.

mod colorimetry;
#[cfg(all(feature = "process", target_os = "linux"))]
mod cross;
mod format;
mod frame;
mod interpretation;
mod layout;
mod pixels;
mod planes;

pub use colorimetry::{ColorMatrix, ColorRange, Colorimetry, Primaries, Transfer};
pub use format::PixelFormat;
pub use frame::VideoFrame;
pub use interpretation::{FieldOrder, PixelAspect};
pub use planes::{Plane, PlaneMut};
