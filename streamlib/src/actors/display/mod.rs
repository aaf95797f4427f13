//! Video on the screen: a window, without a display server the terminal, without either a count.

mod actor;
mod fit;
mod half_blocks;
mod keyboard;
mod keys;
mod nowhere;
mod overlay;
mod paint;
mod picture;
mod screen;
mod terminal;
mod window;
mod xlib;

pub use actor::Display;
