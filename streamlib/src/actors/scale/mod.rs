//! Pictures in another size.
//!
//! A row of the result is made in two steps: a weighted sum of rows of the source (`passes::rows`), and weighted sums
//! of neighbours in that (`passes::columns`). Bytes are summed up where they lie: planes (`grid`, and `halves` where both
//! steps are one) as well as pixels of three or four bytes (`pixels`), whose colours count by their alpha (`alpha`). Other
//! samples are first made 16-bit ones and kept, row by row, until no later row of the result needs them (`window`). The
//! weights are made once for a pair of sizes (`weights`).

mod actor;
mod alpha;
#[cfg(target_arch = "x86_64")]
mod avx2;
mod grid;
mod halves;
mod lines;
mod passes;
mod pixels;
mod plan;
mod scaler;
mod weights;
mod window;

pub use actor::Scale;
pub use scaler::Scaler;
pub use weights::Filter;
