//! Messages: what travels from an output to an input.
//!
//! - [`VideoFrame`], [`AudioBuffer`]: handles on pooled memory; cloning one counts a reference.
//! - `GpuFrame`: a picture on a card (feature `gpu`).
//! - [`KeyEvent`], [`MouseEvent`]: what a person does at a window.
//! - [`DataMessage<T>`](DataMessage): any other value, wrapped. A type of one's own becomes a message
//!   with `#[derive(Message)]`.

mod audio;
#[cfg(all(feature = "process", target_os = "linux"))]
mod bounded;
#[cfg(all(feature = "process", target_os = "linux"))]
mod cross;
mod data;
mod keyboard;
mod metadata;
mod mouse;
mod payload;
#[cfg(all(feature = "process", target_os = "linux"))]
mod shown;
mod video;

pub use audio::AudioBuffer;
#[cfg(all(feature = "process", target_os = "linux"))]
pub(crate) use bounded::Budget;
#[cfg(all(feature = "process", target_os = "linux"))]
#[doc(hidden)]
pub use cross::{Crosses, Reading, Writing};
#[cfg(all(feature = "process", target_os = "linux"))]
pub(crate) use cross::{Lent, Remembered, encode};
pub use data::DataMessage;
pub use keyboard::{Key, KeyEvent, KeyState, Modifiers};
pub use metadata::{Metadata, Value};
pub use mouse::{MouseButton, MouseEvent, MouseEventKind};
pub use payload::Message;
#[cfg(all(feature = "process", target_os = "linux"))]
pub(crate) use shown::Shown;
/// Makes a type of one's own a message.
pub use streamlib_macros::Message;
#[cfg(feature = "gpu")]
pub(crate) use video::Placed;
#[cfg(feature = "gpu")]
pub use video::{
    CardPlane, GpuFilling, GpuFrame, GpuPicture, GpuReading, GpuTarget, Picture, Shape, Target,
};
pub use video::{
    ColorMatrix, ColorRange, Colorimetry, FieldOrder, PixelAspect, PixelFormat, Plane, PlaneMut,
    Primaries, Transfer, VideoFrame,
};
