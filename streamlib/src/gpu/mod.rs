//! Cards: memory on them, streams of work, and what keeps both in order. (Feature `gpu`; `cuda` for CUDA's cards.)
//!
//! - [`Device`]: a card, or the [simulated](Device::simulated) one, which every machine has.
//! - [`Stream`]: work in order. An actor that is `on gpu` finds its own by [`Place::stream`].
//! - [`CardMemory`] and its [`CardPool`]: memory that knows who has filled it and who reads it. What is put into streams
//!   comes in the right order by itself; the host never waits.
//! - [`GpuRingBuffer`]: the ring over such memory.
//! - [`Source`] and [`TrustedKernel`]: kernels of one's own, and how safe code starts them; [`compile_at_build`]: for a build script.
//!
//! What travels between actors is a [`GpuFrame`](crate::message::GpuFrame). The chapter
//! [On a card](https://github.com/streamlib/streamlib/blob/main/docs/src/gpu.md) shows an actor of one's own.

mod at_build;
pub(crate) mod card;
mod compile_log;
#[cfg(feature = "cuda")]
mod cuda;
mod device;
mod driver;
mod finished;
mod kernel;
mod launch;
mod memory;
mod pinned;
mod place;
mod pool;
mod ring;
mod simulated;
mod stream;
#[cfg(test)]
mod tests;

pub use at_build::compile_at_build;
pub use device::{Device, Module};
pub use driver::{Address, Argument, Driver, Extent, Handle, Launch};
pub use finished::Finished;
pub use kernel::{Graph, HEADER, Kernel, Source};
pub use launch::{Parameter, Parameters, Slice, SliceMut, Threads, TrustedKernel};
pub use memory::{CardMemory, Reading, Writing};
pub use pinned::Pinned;
pub use place::{OnProcessor, Place};
pub use pool::CardPool;
pub use ring::{GpuReader, GpuRingBuffer, GpuSlot, GpuWriter};
pub use stream::Stream;

pub(crate) use memory::given_up;
pub(crate) use stream::Event;
