//! The ready-made actors.

mod compose;
mod compositor;
mod convert;
mod dimensions;
#[cfg(feature = "display")]
mod display;
mod null;
mod scale;
mod test_pattern;

pub use compositor::Compositor;
pub use convert::{Convert, Converter};
pub use compose::{Background, Blend};
pub use compositor::{Compositor, CompositorControl, Crop, Layer, LayerSize, Lost};
#[cfg(feature = "display")]
pub use display::Display;
pub use null::Null;
pub use scale::{Filter, Scale, Scaler};
pub use test_pattern::{Pattern, TestPattern};
