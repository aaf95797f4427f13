//! The ready-made actors.

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
#[cfg(feature = "images")]
mod snapshot;
mod scale;
mod test_pattern;

pub use compositor::Compositor;
pub use convert::{Convert, Converter};
#[cfg(feature = "display")]
pub use display::{Display, DisplayCounts, Scaling};
#[cfg(feature = "drawing")]
pub use drawing::Drawing;
pub use null::Null;
#[cfg(feature = "images")]
pub use snapshot::Snapshot;
pub use scale::{Filter, Scale, Scaler};
pub use test_pattern::{Pattern, TestPattern};
