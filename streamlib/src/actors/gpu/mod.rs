//! Actors whose pictures stay on a card.
//!
//! - [`upload`], [`download`]: the way there and back.
//! - [`test_pattern`], [`compositor`], [`convert`]: what actors of these names do on the processor.
//! - [`filter`], [`chain`]: work that makes a picture of a picture, and several of them replayed as one graph.
//! - [`site`]: where an actor works, and what it has there.

mod chain;
mod compositor;
mod convert;
mod download;
mod filter;
mod site;
mod test_pattern;
#[cfg(all(test, feature = "cuda"))]
mod tests;
mod upload;

pub use chain::GpuChain;
pub use compositor::GpuCompositor;
pub use convert::{GpuConversion, GpuConvert};
pub use download::Download;
pub use filter::GpuFilter;
pub use test_pattern::GpuTestPattern;
pub use upload::Upload;
