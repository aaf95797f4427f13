//! Memory: where pixels and samples live.
//!
//! A [`Buffer`] is a run of bytes that many readers may hold at once: cloning one counts a reference
//! and copies nothing. It is written to only while it has one holder. When the last holder lets go,
//! its block goes back to the [`Pool`] it came from, and the next frame takes it from there: after the
//! first frames nothing is allocated and nothing freed.
//!
//! # Memory of another kind
//! A block is a header (count, home, length, where the bytes are) apart from the bytes themselves, and
//! all that a `Buffer` knows is its header. So neither `Buffer` nor a message changes for memory of another kind:
//!
//! - *Shared between processes* (feature `process`): the bytes lie in a sealed file in memory (`mapping.rs`), whose
//!   descriptor travels to the other process once, and then its number (`lend.rs`). A block that was lent
//!   cannot be written to, so that a `Buffer` of it is never unique; when it is let go, it goes back to who lent it.
//! - *Page-locked*, to and from which a card copies by itself, and whatever else the processor reads: another [`Memory`] below
//!   its pool ([`Pool::of_memory`]).
//! - *Of a card*, which the processor cannot read: no `Buffer`, but a type of its own (feature `gpu`).

mod block;
mod buffer;
mod kind;
#[cfg(all(feature = "process", target_os = "linux"))]
mod lend;
#[cfg(all(feature = "process", target_os = "linux"))]
mod mapping;
mod pool;
#[cfg(all(feature = "process", target_os = "linux"))]
mod sharing;
#[cfg(test)]
mod tests;

pub use buffer::Buffer;
pub use kind::Memory;
#[cfg(all(feature = "process", target_os = "linux"))]
pub(crate) use lend::{Borrower, Lender, MOST_BLOCKS, MOST_BYTES};
#[cfg(all(feature = "process", target_os = "linux"))]
pub(crate) use mapping::{Access, Mapping};
pub use pool::Pool;
#[cfg(all(feature = "process", target_os = "linux"))]
pub(crate) use sharing::{Sharing, share_what_this_thread_makes};
