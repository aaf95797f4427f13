//! [`FailoverClock`]: the best of several clocks drives, and the ticks go on when it goes.
//!
//! `choice` says which clock drives, `follow` lays the ticks along it; both are plain logic on the
//! instants and the timelines that they are given. `members` is where they meet the clocks, and `audience`
//! who is told.

mod audience;
mod change;
mod choice;
mod clock;
mod clocks;
mod follow;
mod members;

#[cfg(test)]
mod tests;

pub use change::ClockChange;
pub use clock::FailoverClock;
pub use clocks::IntoClocks;
