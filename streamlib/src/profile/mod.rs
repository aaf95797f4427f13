//! Where the time of every tick goes: a table, a trace, metrics and spans.
//!
//! `STREAMLIB_PROFILE=1` before a program that uses streamlib prints a table when a graph ends, beside the table
//! of [`status`](crate::Pipeline::status):
//!
//! ```text
//! actor                   what         n      mean       p50       p95       p99     p99.9       max
//! bars                    process    600    1.2 ms    1.2 ms    1.3 ms    1.4 ms    1.9 ms    1.9 ms
//!                         wake-up    600   61.2 µs   58.1 µs   88.6 µs  114.7 µs  201.7 µs  201.7 µs
//!                         age        600    1.3 ms    1.3 ms    1.4 ms    1.5 ms    2.1 ms    2.1 ms
//! luma                    process    600  212.0 µs  209.9 µs  231.4 µs  268.3 µs  401.4 µs  401.4 µs
//! …
//! bars.video > luma.video wake-up    600    6.1 µs    5.8 µs    8.9 µs   14.1 µs   38.4 µs   38.4 µs
//!                         age        600    1.3 ms    1.3 ms    1.4 ms    1.5 ms    2.1 ms    2.1 ms
//! ```
//!
//! - *process* is the time from the beginning of `process` to its end, waiting included.
//! - *wake-up* of an actor that a clock ticks is the time from the instant at which the tick was due to the beginning of
//!   `process`; of one that others feed, from the end of the last of them. Of an edge it is the time for which what was
//!   published on it lay there. On a clock that keeps no real time no tick is ever due.
//! - *age* is the time since the source's tick was due: of an actor, when its `process` has ended; of an edge, when what
//!   came along it is about to be read. What has several sources is as old as the oldest of what is new.
//!
//! `STREAMLIB_PROFILE=trace.json` writes a trace besides, in which every tick is seen going through the graph on its
//! threads. Open it at <https://ui.perfetto.dev> (it stays on your machine) or in `chrome://tracing`. The file is
//! whole whenever it is looked at, also when the program was killed. What a slow disk cannot take is left out and
//! counted; no tick waits for it.
//!
//! A program can do the same itself:
//!
//! ```
//! use streamlib::prelude::*;
//! use streamlib::profile;
//!
//! # #[streamlib::main]
//! # async fn main() -> Result<()> {
//! let recording = profile::start(); // or profile::trace("trace.json")?
//! let clock = VirtualClock::fps(60);
//! let show = pipeline! {
//!     clock house = clock.clone();
//!     bars = TestPattern::new(Pattern::SmpteBars).size(64, 36) @ house;
//!     bars >> Null::<VideoFrame>::new();
//! }?;
//! clock.advance(100).await?;
//! show.stop().await?;
//!
//! let profile = show.profile().expect("the graph started while it was on");
//! assert_eq!(profile.actor("bars").map(|bars| bars.process.count), Some(100));
//! println!("{profile}");
//! drop(recording); // graphs that start from here on are not measured
//! # Ok(())
//! # }
//! ```
//!
//! A program that collects `tracing` finds every actor's work in a span `actor` (target `streamlib::actor`, level
//! `INFO`) with the fields `name` and `kind`, so that what `process` logs says where. The subscriber must be there when
//! the graph starts.
#![cfg_attr(
    feature = "metrics",
    doc = "\nWith the feature `metrics` the actors' counts go to whatever recorder of the `metrics` crate is installed when the graph starts: [`METRICS`] are their names."
)]
#![cfg_attr(
    feature = "prometheus",
    doc = "\nWith the feature `prometheus`, [`prometheus`] shows them to Prometheus."
)]

mod board;
mod distribution;
mod measured;
#[cfg(feature = "metrics")]
mod metrics;
mod probe;
#[cfg(feature = "prometheus")]
mod prometheus;
mod recording;
mod report;
mod trace;

pub use distribution::Distribution;
#[cfg(feature = "metrics")]
pub use metrics::METRICS;
#[cfg(feature = "prometheus")]
pub use prometheus::prometheus;
pub use recording::{Recording, start, trace};
pub use report::{ActorProfile, EdgeProfile, Profile, TraceStatus};

pub(crate) use measured::{Measured, MeasuredEdge, MeasuredNode};
pub(crate) use probe::Probe;
