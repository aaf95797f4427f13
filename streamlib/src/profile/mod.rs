//! Where the time of every tick goes: a table, a trace, metrics and spans.
//!
//! `STREAMLIB_PROFILE=1` before a program that uses streamlib prints a table when a graph ends, or at the latest with the program,
//! beside the table of [`status`](crate::Pipeline::status). This one is of the two actors in `tests/tests/profile.rs`, a source that blocks
//! for 1 ms and a sink that sleeps for 1 ms, after
//! `STREAMLIB_PROFILE=1 STREAMLIB_TESTS_SECONDS=3 cargo test -p streamlib-tests --test profile -- a_program_of_its_own --nocapture`:
//!
//! ```text
//! actor                       what       n      mean      p50       p95     p99    p99.9      max
//! source                      process  594    1.1 ms   1.1 ms    1.1 ms  2.0 ms   4.8 ms   4.8 ms
//!                             wake-up  594  173.7 µs  71.2 µs  309.2 µs  4.1 ms   4.4 ms   4.4 ms
//!                             age      594    1.3 ms   1.1 ms    1.8 ms  5.2 ms   5.4 ms   5.4 ms
//! end                         process  594    2.2 ms   2.1 ms    2.2 ms  3.9 ms   8.0 ms   8.0 ms
//!                             wake-up  594  116.1 µs  85.5 µs  132.1 µs  1.2 ms   2.0 ms   2.0 ms
//!                             age      594    3.6 ms   3.4 ms    5.1 ms  7.8 ms  11.3 ms  11.3 ms
//! source.output > end.number  wake-up  594  116.1 µs  85.5 µs  132.1 µs  1.2 ms   2.0 ms   2.0 ms
//!                             age      594    1.4 ms   1.2 ms    2.6 ms  5.4 ms   5.6 ms   5.6 ms
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
//! `cargo xtask compare --only profile` measures what it costs: instructions while it is off beside a build that has none,
//! nanoseconds a tick and actor while it is on.
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
