//! Test pictures: what a graph is tried with before a camera is there.

mod actor;
mod canvas;
mod pattern;
mod smpte;

pub use actor::TestPattern;
pub use pattern::Pattern;
