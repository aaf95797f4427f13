//! From one pixel format, matrix and range to another.
//!
//! Every conversion is one pass over the picture, in tiles of a row or two that stay in the first-level cache:
//! rows of bytes become lines of 16-bit samples (`unpack`), those pass through a matrix in fixed point
//! (`affine`, made by `matrix`), and become bytes again (`pack`). From and to red, green and blue the three steps
//! are one (`rgb_in`, `rgb_out`). `avx2` has the vectors.

mod actor;
mod affine;
#[cfg(target_arch = "x86_64")]
mod avx2;
pub(super) mod converter;
pub(super) mod matrix;
pub(super) mod pack;
mod pass;
pub(super) mod rgb_in;
mod rgb_out;
mod rgb_swap;
pub(super) mod rows;
pub(super) mod tile;
mod unpack;
mod way;

pub use actor::Convert;
pub use converter::Converter;
