//! Memory: where pixels and samples live.
//!
//! A [`Buffer`] is a run of bytes that many readers may hold at once: cloning one counts a reference
//! and copies nothing. It is written to only while it has one holder. When the last holder lets go,
//! its block goes back to the [`Pool`] it came from, and the next frame takes it from there: after the
//! first frames nothing is allocated and nothing freed.
//!
//! # Memory of another kind
//! A block is a header (count, home, length, where the bytes are) apart from the bytes themselves, and
//! all that a `Buffer` knows is its header. So memory of another kind is another kind of block, and
//! neither `Buffer` nor a message changes:
//!
//! - *Shared between processes*: the bytes lie in a mapped segment; the block is made and unmapped by
//!   its own arm in `block.rs`, and the segment's name and offset are what travels to the other process.
//! - *On a GPU*: the block owns a device pointer beside the host one; whoever asks for bytes gets the
//!   host mirror, filled once on the first read, and an actor on the GPU asks the block for the device
//!   pointer and causes no transfer.

mod block;
mod buffer;
mod pool;
#[cfg(test)]
mod tests;

pub use buffer::Buffer;
pub use pool::Pool;
