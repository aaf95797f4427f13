//! The ready-made actors.

#[cfg(all(feature = "camera", target_os = "linux"))]
mod camera;
mod compositor;
mod convert;
mod dimensions;
#[cfg(feature = "display")]
mod display;
#[cfg(feature = "drawing")]
pub mod drawing;
#[cfg(feature = "images")]
pub mod images;
mod null;
mod scale;
#[cfg(feature = "images")]
mod snapshot;
mod test_pattern;

#[cfg(all(feature = "camera", target_os = "linux"))]
pub use camera::Camera;
pub use compositor::Compositor;
pub use convert::{Convert, Converter};
#[cfg(feature = "display")]
pub use display::{Display, DisplayCounts, Scaling};
#[cfg(feature = "drawing")]
pub use drawing::Drawing;
pub use null::Null;
pub use scale::{Filter, Scale, Scaler};
#[cfg(feature = "images")]
pub use snapshot::Snapshot;
pub use test_pattern::{Pattern, TestPattern};
