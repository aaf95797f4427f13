//! Messages: what travels from an output to an input.
//!
//! - [`VideoFrame`], [`AudioBuffer`]: handles on pooled memory; cloning one counts a reference.
//! - `GpuFrame`: a picture on a card (feature `gpu`).
//! - [`KeyEvent`], [`MouseEvent`]: what a person does at a window.
//! - [`DataMessage<T>`](DataMessage): any other value, wrapped. A type of one's own becomes a message
//!   with `#[derive(Message)]`.

mod audio;
mod data;
mod keyboard;
mod metadata;
mod mouse;
mod payload;
mod video;

pub use audio::AudioBuffer;
pub use data::DataMessage;
pub use keyboard::{Key, KeyEvent, KeyState, Modifiers};
pub use metadata::{Metadata, Value};
pub use mouse::{MouseButton, MouseEvent, MouseEventKind};
pub use payload::Message;
/// Makes a type of one's own a message.
pub use streamlib_macros::Message;
#[cfg(feature = "gpu")]
pub use video::{CardPlane, GpuFrame};
pub use video::{
    ColorMatrix, ColorRange, Colorimetry, FieldOrder, PixelAspect, PixelFormat, Plane, PlaneMut,
    Primaries, Transfer, VideoFrame,
};
