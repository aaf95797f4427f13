//! Pictures cropped, flipped and turned.

mod actor;
mod bytes;
mod mapping;
mod samples;
mod transformation;

pub use actor::{Transform, TransformControl};
pub use transformation::{Transformation, Turn};
