//! Colours corrected: lift, gamma and gain, and a 3-D table from a `.cube` file.

mod actor;
mod cube;
mod grade;
mod lut;

pub use actor::{ColorCorrect, ColorCorrectControl};
pub use grade::Grade;
pub use lut::Lut3d;
