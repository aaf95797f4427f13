//! Time: rates, timestamps, and the tick that drives every actor.
//!
//! - [`Rate`]: frames a second as a fraction, so that 60000/1001 stays exact over days.
//! - [`Timestamp`]: nanoseconds since a clock's epoch.
//! - [`TimedTick`]: which frame it is, when it is due, and whose clock says so.

mod into_rate;
mod rate;
mod tick;
mod timestamp;

pub use into_rate::IntoRate;
pub use rate::Rate;
pub use tick::{ClockId, TimedTick};
pub use timestamp::Timestamp;
