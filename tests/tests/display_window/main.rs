//! The window for real: an X server without a screen (Xvfb), a screenshot whose pixels are the bars, keys
//! and the mouse, and every way for a window to end.
//!
//! Each test starts an X server of its own, on a display number that the server picks, and runs
//! [`program`] as a process of its own.

mod done;
mod ends;
mod latency;
mod program;
mod screenshot;
mod server;
mod shown;

use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
