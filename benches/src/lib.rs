//! What is measured, as a user would write it, and the peers that are Rust crates or plain system calls.
//!
//! `cargo xtask compare` runs these through the `measure` program, a process a measurement, beside the
//! peers; the criterion benches beside this folder use the same graphs.

pub mod bars;
pub mod blend;
#[cfg(feature = "peers")]
pub mod chain;
pub mod cyclictest;
pub mod edge;
pub mod figures;
pub mod hop;
pub mod jitter;
pub mod journey;
#[cfg(feature = "peers")]
pub mod lower_third;
mod memory;
pub mod pictures;
#[cfg(all(feature = "peers", target_os = "linux"))]
pub mod process;
pub mod profile;
#[cfg(feature = "peers")]
pub mod resize;
#[cfg(feature = "peers")]
pub mod ring;
pub mod stopped;
pub mod throughput;

pub use figures::Figures;
