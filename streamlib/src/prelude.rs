//! What a program that uses streamlib needs by name: `use streamlib::prelude::*;`.

pub use crate::actor::{Actor, ActorExt, Clocked, Input, Inputs, Output};
#[allow(unused_imports)]
pub use crate::actors::*;
#[cfg(all(feature = "ptp", target_os = "linux"))]
pub use crate::clock::ptp::PtpClock;
pub use crate::clock::{
    Clock, FailoverClock, GenlockClock, Precision, SoftwareClock, VirtualClock,
};
#[cfg(feature = "gpu")]
pub use crate::message::GpuFrame;
pub use crate::message::{
    AudioBuffer, Colorimetry, DataMessage, FieldOrder, Key, KeyEvent, Message, MouseButton,
    MouseEvent, MouseEventKind, PixelFormat, VideoFrame,
};
pub use crate::pipeline::Subgraph;
pub use crate::time::{ClockId, Rate, TimedTick, Timestamp};
pub use crate::{Error, Pipeline, Result, actor, input, output, pipeline, spawn};
