//! What the user draws on.

use std::fmt;

use vello_cpu::kurbo::{BezPath, PathEl, Point};

use super::list::List;
use super::path::{Path, Rect};
use super::text::{TextSize, TextStyle, within};
use super::typesetter::Typesetter;
use super::{Image, Paint, Transform};

/// A transparent picture that is drawn on: the first argument of a [`Drawing`](super::Drawing)'s code.
///
/// Positions are pixels from the upper left corner; edges lie between pixels, so that a rectangle at whole numbers has
/// sharp edges. What is drawn later covers what was drawn before. What lies outside of the picture is not drawn, nor is
/// what has a position that is not a number.
///
/// ```
/// use streamlib::actors::drawing::{Canvas, Color, Gradient, Path, TextStyle};
///
/// fn badge(canvas: &mut Canvas, text: &str) {
///     let style = TextStyle::new(32.0).bold();
///     let size = canvas.measure(text, &style);
///     let (width, height) = (size.width + 40.0, size.height + 20.0);
///     let shine = Gradient::linear((0.0, 0.0), (0.0, height))
///         .stop(0.0, Color::rgb(220, 40, 40))
///         .stop(1.0, Color::rgb(140, 0, 0));
///     canvas.fill(&Path::rounded_rect((0.0, 0.0, width, height), 12.0), shine);
///     canvas.text((20.0, 10.0), text, &style);
/// }
/// ```
pub struct Canvas {
    pub(super) list: List,
    pub(super) typesetter: Typesetter,
    transform: Transform,
    width: u32,
    height: u32,
    /// The outline of a line, used again and again.
    line: BezPath,
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32) -> Self {
        Self {
            list: List::default(),
            typesetter: Typesetter::new(),
            transform: Transform::IDENTITY,
            width,
            height,
            line: BezPath::new(),
        }
    }

    /// Takes everything off, before a tick's drawing.
    pub(super) fn begin(&mut self) {
        self.list.clear(self.width, self.height);
        self.transform = Transform::IDENTITY;
        self.typesetter.tick();
    }

    /// Pixels a row.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.width as f32
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.height as f32
    }

    /// Paints the whole picture.
    pub fn background(&mut self, paint: impl Into<Paint>) {
        let whole = Rect::new(0.0, 0.0, self.width(), self.height());
        self.list
            .fill_rect(whole.kurbo(), paint.into(), Transform::IDENTITY.0);
    }

    /// Fills a rectangle.
    pub fn fill_rect(&mut self, rect: impl Into<Rect>, paint: impl Into<Paint>) {
        self.list
            .fill_rect(rect.into().kurbo(), paint.into(), self.transform.0);
    }

    /// Fills the inside of a path.
    pub fn fill(&mut self, path: &Path, paint: impl Into<Paint>) {
        self.list.fill(&path.0, paint.into(), self.transform.0);
    }

    /// Draws a path as a line that is `width` pixels wide, half of them on each side; it ends
    /// where the path does, and its corners are sharp.
    pub fn stroke(&mut self, path: &Path, width: f32, paint: impl Into<Paint>) {
        self.list
            .stroke(&path.0, width.into(), paint.into(), self.transform.0);
    }

    /// Draws a straight line that is `width` pixels wide.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32, paint: impl Into<Paint>) {
        let point = |(x, y): (f32, f32)| Point::new(x.into(), y.into());
        self.line.truncate(0);
        self.line.push(PathEl::MoveTo(point(from)));
        self.line.push(PathEl::LineTo(point(to)));
        self.list
            .stroke(&self.line, width.into(), paint.into(), self.transform.0);
    }

    /// Writes text: its top is at `y`, and `x` is its left end, its middle or its right end, as its
    /// [alignment](TextStyle::align) says. Gives the room that it takes.
    pub fn text(&mut self, (x, y): (f32, f32), text: &str, style: &TextStyle) -> TextSize {
        let laid = self.typesetter.lay(text, style);
        let size = laid.size;
        let at = Point::new(x.into(), y.into());
        self.list
            .text(at, laid, style.paint.clone(), self.transform.0);
        size
    }

    /// The room that text would take.
    pub fn measure(&mut self, text: &str, style: &TextStyle) -> TextSize {
        self.typesetter.lay(text, style).size
    }

    /// Draws an image into a rectangle, as wide and as high as that.
    pub fn image(&mut self, image: &Image, rect: impl Into<Rect>) {
        self.list
            .image(image.clone(), rect.into().kurbo(), self.transform.0);
    }

    /// What `draw` draws is seen inside of `path` alone.
    pub fn clip(&mut self, path: &Path, draw: impl FnOnce(&mut Self)) {
        self.list.clip(&path.0, self.transform.0);
        draw(self);
        self.list.end();
    }

    /// What `draw` draws is put together first, and then covers only by `opacity`, from 0 to 1.
    pub fn fade(&mut self, opacity: f32, draw: impl FnOnce(&mut Self)) {
        self.list.fade(within(0.0, 1.0, opacity));
        draw(self);
        self.list.end();
    }

    /// What `draw` draws is moved, turned or scaled, and then by what is around it.
    pub fn transform(&mut self, transform: Transform, draw: impl FnOnce(&mut Self)) {
        let before = self.transform;
        self.transform = transform.then(before);
        draw(self);
        self.transform = before;
    }
}

impl fmt::Debug for Canvas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Canvas of {} × {}", self.width, self.height)
    }
}
