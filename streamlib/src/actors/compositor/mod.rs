//! Layers of video, one over the other.
//!
//! - [`layer`]: what is set of a layer.
//! - [`lost`]: what becomes of it when its source falls silent.
//! - [`control`]: all that is set, and the hold on it while it runs.
//! - [`glide`]: a layer on its way from one setting to the next.
//! - [`source`]: the pictures of one layer, on one tick.
//! - [`actor`]: the actor.

mod actor;
mod control;
mod glide;
mod layer;
mod lost;
mod source;

pub use actor::Compositor;
pub use control::CompositorControl;
pub use layer::{Crop, Layer, LayerSize};
pub use lost::Lost;
#[cfg(feature = "gpu")]
pub(super) use {actor::of_layer, control::Settings, glide::Glide, source::Place};
