//! Graphics over video: shapes, text and images, drawn anew on every tick by the user's own code.
//!
//! The code draws on a [`Canvas`] of this module's own types. What it draws is first written down as a list of shapes;
//! the list is compared with the one before, and only what differs is painted (by vello_cpu) into a picture that has
//! the rest already. So what stands still costs nothing, and code that panics half way has painted nothing yet.

mod actor;
mod area;
mod canvas;
mod change;
mod color;
mod control;
mod fonts;
mod image;
mod list;
mod paint;
mod path;
mod pictures;
mod render;
mod straight;
mod text;
mod transform;
mod typesetter;

pub use actor::{DrawContext, Drawing};
pub use canvas::Canvas;
pub use color::Color;
pub use control::DrawingControl;
pub use image::Image;
pub use paint::{Gradient, Paint};
pub use path::{Path, Rect};
pub use text::{Align, TextSize, TextStyle};
pub use transform::Transform;
