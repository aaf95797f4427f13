//! The ready-made actors.

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
#[cfg(feature = "display")]
pub use display::Display;
pub use null::Null;
pub use scale::{Filter, Scale, Scaler};
pub use test_pattern::{Pattern, TestPattern};
