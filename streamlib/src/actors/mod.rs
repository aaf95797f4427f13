//! The ready-made actors.

mod bands;
#[cfg(all(feature = "camera", target_os = "linux"))]
mod camera;
mod color_correct;
mod compose;
mod compositor;
mod convert;
mod crossfade;
mod delay;
mod dimensions;
#[cfg(feature = "display")]
mod display;
#[cfg(feature = "drawing")]
pub mod drawing;
mod files;
mod frame_rate;
#[cfg(feature = "gpu")]
mod gpu;
#[cfg(feature = "images")]
pub mod images;
mod kept;
mod null;
mod opaque;
mod probe;
mod scale;
#[cfg(feature = "images")]
mod snapshot;
mod switch;
mod tee;
mod test_pattern;
mod transform;

#[cfg(all(feature = "camera", target_os = "linux"))]
pub use camera::Camera;
pub use color_correct::{ColorCorrect, ColorCorrectControl, Grade, Lut3d};
pub use compose::{Background, Blend};
pub use compositor::{Compositor, CompositorControl, Crop, Layer, LayerSize, Lost};
pub use convert::{Convert, Converter};
pub use crossfade::{Crossfade, CrossfadeControl};
pub use delay::{Delay, DelayControl};
#[cfg(feature = "display")]
pub use display::{Display, DisplayCounts, Scaling};
#[cfg(feature = "drawing")]
pub use drawing::Drawing;
pub use frame_rate::FrameRate;
#[cfg(feature = "gpu")]
pub use gpu::{
    Download, GpuChain, GpuCompositor, GpuConversion, GpuConvert, GpuFilter, GpuTestPattern, Upload,
};
pub use null::Null;
pub use probe::{Probe, ProbeCounts};
pub use scale::{Filter, Scale, Scaler};
#[cfg(feature = "images")]
pub use snapshot::{Snapshot, SnapshotControl};
pub use switch::{Switch, SwitchControl};
pub use tee::Tee;
pub use test_pattern::{Pattern, TestPattern};
pub use transform::{Transform, TransformControl, Transformation, Turn};
