//! Layers of video, one over the other.
//!
//! - [`layer`]: what is set of a layer.
//! - [`control`]: all that is set, and the hold on it while it runs.
//! - [`glide`]: a layer on its way from one setting to the next.
//! - [`source`]: the pictures of one layer, on one tick.
//! - [`actor`]: the actor.

mod actor;
mod control;
mod glide;
mod layer;
mod source;

pub use actor::Compositor;
pub use control::CompositorControl;
pub use layer::{Crop, Layer, LayerSize, Lost};
#[cfg(feature = "gpu")]
pub(super) use {actor::of_layer, control::Settings, glide::Glide, source::Place};
