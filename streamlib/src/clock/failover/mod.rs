//! [`FailoverClock`]: the best of several clocks drives, and the ticks go on when it goes.
//!
//! `choice` says which clock drives, `follow` lays the ticks along it; both are plain logic on the
//! instants and the timelines that they are given.

mod choice;
mod clock;
mod clocks;
mod follow;

#[cfg(test)]
mod tests;

pub use clock::{ClockChange, FailoverClock};
pub use clocks::IntoClocks;
