//! Test pictures: what a graph is tried with before a camera is there.

mod actor;
mod canvas;
mod counter;
mod draw;
mod packing;
mod pattern;
mod smpte;
mod smpte_hd;

pub use actor::TestPattern;
pub use pattern::Pattern;
#[cfg(feature = "gpu")]
pub(super) use {draw::box_in, pattern::Painter};
