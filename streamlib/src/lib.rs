//! Live video and audio as a graph of actors that tick.

// The macros expand to `::streamlib::…`, inside this crate too.
extern crate self as streamlib;

pub mod memory;
pub mod message;
pub mod ring;
pub mod time;

mod error;
mod sync;

pub use error::{Error, Result};
