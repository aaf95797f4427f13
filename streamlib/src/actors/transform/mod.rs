//! Pictures cropped, flipped and turned.

mod actor;
mod bytes;
mod mapping;
mod samples;
mod transformation;
mod work;

pub use actor::{Transform, TransformControl};
pub use transformation::{Transformation, Turn};
