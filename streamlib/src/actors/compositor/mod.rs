//! Layers of video, one over the other.

mod actor;
mod blend;
#[cfg(target_arch = "x86_64")]
mod blend_avx2;

pub use actor::Compositor;
