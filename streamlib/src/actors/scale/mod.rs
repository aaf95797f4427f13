//! Pictures in another size.
//!
//! A row of the result is made in two steps: a weighted sum of rows of the source (`passes::rows`), and weighted sums
//! of neighbours in that (`passes::columns`). The rows of the source are kept as 16-bit samples, each until no
//! later row of the result needs it (`window`). The weights are made once for a pair of sizes (`weights`). Colours are
//! weighed by their alpha before (`alpha`).

mod actor;
mod alpha;
#[cfg(target_arch = "x86_64")]
mod avx2;
mod passes;
mod scaler;
mod weights;
mod window;

pub use actor::Scale;
pub use scaler::Scaler;
pub use weights::Filter;
