//! Pictures.

mod colorimetry;
#[cfg(all(feature = "process", target_os = "linux"))]
mod cross;
mod format;
mod frame;
#[cfg(feature = "gpu")]
mod gpu_frame;
#[cfg(feature = "gpu")]
mod gpu_picture;
mod interpretation;
mod layout;
mod pixels;
mod planes;

pub use colorimetry::{ColorMatrix, ColorRange, Colorimetry, Primaries, Transfer};
pub use format::PixelFormat;
pub use frame::VideoFrame;
#[cfg(feature = "gpu")]
pub use gpu_frame::{CardPlane, GpuFilling, GpuFrame, GpuReading};
#[cfg(feature = "gpu")]
pub(crate) use gpu_picture::Placed;
#[cfg(feature = "gpu")]
pub use gpu_picture::{GpuPicture, GpuTarget, Picture, Shape, Target};
pub use interpretation::{FieldOrder, PixelAspect};
pub use planes::{Plane, PlaneMut};
