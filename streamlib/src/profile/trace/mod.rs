//! A trace in the JSON of Chrome's trace events, which Perfetto and `chrome://tracing` show.
//!
//! Whoever works on a tick leaves events in a lane of its thread, which never waits and never grows. A thread
//! in the background writes them down.

mod event;
mod file;
mod lane;
mod writer;

pub(super) use event::{Event, EventKind};
pub(super) use lane::thread;
pub(super) use writer::Trace;
