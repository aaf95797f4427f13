//! Pictures in another size.
//!
//! A row of the result is made in two steps: a weighted sum of rows of the source (`passes::rows`), and weighted sums
//! of neighbours in that (`passes::columns`). Bytes are summed up where they lie (`grid`), planes as well as pixels of three or
//! four bytes. Other samples, and colours that are weighed by their alpha before (`alpha`), are first made 16-bit ones and kept, row by row,
//! until no later row of the result needs them (`window`). The weights are made once for a pair of sizes (`weights`).

mod actor;
mod alpha;
#[cfg(target_arch = "x86_64")]
mod avx2;
mod grid;
mod passes;
mod plan;
mod scaler;
mod weights;
mod window;

pub use actor::Scale;
pub use scaler::Scaler;
pub use weights::Filter;
