//! Graphics drawn with `Drawing`: a lower third, a clock that can be read back, and a level meter.
//!
//! Each is a file here, and a program in `bin` that shows it over video:
//! `cargo run --release -p streamlib-graphics --bin lower_third`.

mod clock;
mod level_meter;
mod lower_third;
mod stamp;

pub use clock::clock;
pub use level_meter::{Levels, Measure, Sweep, level_meter};
pub use lower_third::{Caption, lower_third};
pub use stamp::Stamp;
