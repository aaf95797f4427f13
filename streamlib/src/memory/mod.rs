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
//! - *Shared between processes* (feature `process`): the bytes lie in a sealed file in memory (`mapping.rs`), whose
//!   descriptor travels to the other process once, and then its number (`lend.rs`). A block that was lent
//!   cannot be written to, so that a `Buffer` of it is never unique; when it is let go, it goes back to who lent it.
//! - *On a GPU*: the block owns a device pointer beside the host one; whoever asks for bytes gets the
//!   host mirror, filled once on the first read, and an actor on the GPU asks the block for the device
//!   pointer and causes no transfer.

mod block;
mod buffer;
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
#[cfg(all(feature = "process", target_os = "linux"))]
pub(crate) use lend::{Borrower, Lender, MOST_BLOCKS};
#[cfg(all(feature = "process", target_os = "linux"))]
pub(crate) use mapping::{Access, Mapping};
pub use pool::Pool;
#[cfg(all(feature = "process", target_os = "linux"))]
pub(crate) use sharing::share_what_this_thread_makes;
