//! Memory: where pixels and samples live.
//!
//! A [`Buffer`] is a run of bytes that many readers may hold at once: cloning one counts a reference
//! and copies nothing. It is written to only while it has one holder. When the last holder lets go,
//! its block goes back to the [`Pool`] it came from, and the next frame takes it from there: after the
//! first frames nothing is allocated and nothing freed.
//!
//! # Memory of another kind
//! A block is a header (count, home, length, where the bytes are) apart from the bytes themselves, and
//! all that a `Buffer` knows is its header. So memory of another kind is another [`Memory`] below its pool
//! ([`Pool::of_memory`]), and neither `Buffer` nor a message changes: page-locked memory, to and from which a card copies by
//! itself, is one. Memory *of* a card, which the processor cannot read, is no `Buffer` but a type of its own
//! (feature `gpu`).

mod block;
mod buffer;
mod kind;
mod pool;
#[cfg(test)]
mod tests;

pub use buffer::Buffer;
pub use kind::Memory;
pub use pool::Pool;
