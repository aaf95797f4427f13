//! Pictures over each other, as plain structs that actors are made of: `Compositor`, `Crossfade`.
//!
//! - [`blend`]: the blend modes.
//! - [`background`]: what is under the lowest picture.
//! - [`placed`]: a picture, and where and how strongly it is laid.
//! - [`stack_format`]: what all pictures of a stack are converted to.
//! - [`cropped`]: a part of a picture by itself, in the picture's own format.
//! - [`fitted`]: a picture cropped, scaled and converted for its place, and kept as long as it stays the same.
//! - [`segment`]: pixels laid on sums in 1/256 of a level; with [`segment_avx2`], where [`simd`] finds that.
//! - [`rgb`]: a whole picture of a stack, in Rgb8 or Rgba8.
//! - [`planar`]: the same in I420, tile by tile; [`planar_weighed`] and, of many pictures, [`planar_sums`]: the rows of a tile.
//! - [`mixer`]: the stack of one tick, published: composed, passed on, or the same picture again.

mod background;
mod blend;
mod cropped;
mod fitted;
mod mixer;
mod placed;
mod planar;
mod planar_sums;
mod planar_weighed;
mod rgb;
mod segment;
#[cfg(target_arch = "x86_64")]
mod segment_avx2;
mod simd;
mod stack_format;

pub use background::Background;
pub use blend::Blend;
pub(super) use fitted::{Fitter, Part};
pub(super) use mixer::Mixer;
pub(super) use placed::{FULL, Placed, weight};
#[cfg(feature = "gpu")]
pub(super) use rgb::{Room, compose};
pub(super) use stack_format::Common;
