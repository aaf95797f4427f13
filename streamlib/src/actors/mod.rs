//! The ready-made actors.

mod color_correct;
mod compose;
mod compositor;
mod convert;
mod crossfade;
mod delay;
mod dimensions;
#[cfg(feature = "display")]
mod display;
mod frame_rate;
mod null;
mod probe;
mod scale;
mod switch;
mod tee;
mod test_pattern;
mod transform;

pub use color_correct::{ColorCorrect, ColorCorrectControl, Grade, Lut3d};
pub use compose::{Background, Blend};
pub use compositor::{Compositor, CompositorControl, Crop, Layer, LayerSize, Lost};
pub use convert::{Convert, Converter};
pub use crossfade::{Crossfade, CrossfadeControl};
pub use delay::{Delay, DelayControl};
#[cfg(feature = "display")]
pub use display::Display;
pub use frame_rate::FrameRate;
pub use null::Null;
pub use probe::{Probe, ProbeCounts};
pub use scale::{Filter, Scale, Scaler};
pub use switch::{Switch, SwitchControl};
pub use tee::Tee;
pub use test_pattern::{Pattern, TestPattern};
pub use transform::{Transform, TransformControl, Transformation, Turn};
