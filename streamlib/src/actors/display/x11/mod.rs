//! A window of an X server, by the protocol itself (crate `x11rb`): no library has to be installed.

mod canvas;
mod input;
mod keyboard;
mod keys;
mod server;
mod shared_memory;
mod window;

pub(super) use server::Server;
pub(super) use window::{Happening, Window};
