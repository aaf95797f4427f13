//! Video on the screen: a window, without a display server the terminal, without either a count.

mod actor;
mod bell;
mod counts;
mod first_size;
mod fit;
mod half_blocks;
mod nowhere;
mod overlay;
mod paint;
mod picture;
mod resample;
mod screen;
#[cfg(feature = "images")]
mod snapshots;
mod swizzle;
mod terminal;
mod weigh;
mod window;
mod x11;

pub use actor::Display;
pub use counts::DisplayCounts;
pub use fit::Scaling;
