//! Outlines: rectangles and paths.

use vello_cpu::kurbo::{self, BezPath, Circle, RoundedRect, Shape};

/// How far a curve may be from the circle of that radius that it stands for, in pixels. A huge one is none the better for
/// a million pieces.
fn tolerance(radius: f32) -> f64 {
    (f64::from(radius).abs() * 1e-5).max(0.001)
}

/// A rectangle, in pixels from the upper left corner of the picture; edges lie between pixels.
///
/// Four numbers do as well: `canvas.fill_rect((x, y, width, height), color)`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Where it begins, from the left.
    pub x: f32,
    /// Where it begins, from the top.
    pub y: f32,
    /// How wide it is.
    pub width: f32,
    /// How high it is.
    pub height: f32,
}

impl Rect {
    /// A rectangle of `width` × `height` pixels at (`x`, `y`).
    #[must_use]
    pub const fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// This, smaller by `by` pixels on each side.
    #[must_use]
    pub fn inset(self, by: f32) -> Self {
        Self::new(
            self.x + by,
            self.y + by,
            self.width - 2.0 * by,
            self.height - 2.0 * by,
        )
    }

    pub(super) fn kurbo(self) -> kurbo::Rect {
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        kurbo::Rect::new(x, y, x + f64::from(self.width), y + f64::from(self.height))
    }
}

impl From<(f32, f32, f32, f32)> for Rect {
    fn from((x, y, width, height): (f32, f32, f32, f32)) -> Self {
        Self::new(x, y, width, height)
    }
}

/// An outline of lines and curves, to be filled or stroked; in pixels, y downwards.
///
/// ```
/// use streamlib::actors::drawing::Path;
///
/// let arrow = Path::new().move_to(0.0, 0.0).line_to(30.0, 10.0).line_to(0.0, 20.0).close();
/// let pill = Path::rounded_rect((0.0, 0.0, 200.0, 40.0), 20.0);
/// ```
///
/// A path that begins with a line begins at the origin. What lies inside is decided by the non-zero rule.
#[derive(Clone, Debug, Default)]
pub struct Path(pub(super) BezPath);

impl Path {
    /// No outline yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A rectangle.
    #[must_use]
    pub fn rect(rect: impl Into<Rect>) -> Self {
        Self(rect.into().kurbo().to_path(tolerance(0.0)))
    }

    /// A rectangle whose corners are round, with this radius (at most half the shorter side).
    #[must_use]
    pub fn rounded_rect(rect: impl Into<Rect>, radius: f32) -> Self {
        let rounded = RoundedRect::from_rect(rect.into().kurbo(), f64::from(radius.max(0.0)));
        Self(rounded.to_path(tolerance(radius)))
    }

    /// A circle about (`x`, `y`).
    #[must_use]
    pub fn circle(x: f32, y: f32, radius: f32) -> Self {
        let centre = (f64::from(x), f64::from(y));
        Self(Circle::new(centre, radius.into()).to_path(tolerance(radius)))
    }

    /// A part of a circle about (`x`, `y`): from `start` degrees (0 is to the right, 90 is down) over `sweep` degrees
    /// clockwise. It is a line: `.line_to(x, y).close()` makes a slice of it.
    #[must_use]
    pub fn arc(x: f32, y: f32, radius: f32, start: f32, sweep: f32) -> Self {
        let (start, sweep) = (f64::from(start), f64::from(sweep.clamp(-360.0, 360.0)));
        let arc = kurbo::Arc::new(
            (f64::from(x), f64::from(y)),
            (f64::from(radius), f64::from(radius)),
            start.to_radians(),
            sweep.to_radians(),
            0.0,
        );
        Self(arc.to_path(tolerance(radius)))
    }

    /// Begins a new outline at (`x`, `y`).
    #[must_use]
    pub fn move_to(mut self, x: f32, y: f32) -> Self {
        self.0.move_to((f64::from(x), f64::from(y)));
        self
    }

    /// A straight line to (`x`, `y`).
    #[must_use]
    pub fn line_to(mut self, x: f32, y: f32) -> Self {
        self.begin();
        self.0.line_to((f64::from(x), f64::from(y)));
        self
    }

    /// A quadratic curve to (`x`, `y`), pulled towards `control`.
    #[must_use]
    pub fn quad_to(mut self, control: (f32, f32), x: f32, y: f32) -> Self {
        self.begin();
        self.0.quad_to(point(control), point((x, y)));
        self
    }

    /// A cubic curve to (`x`, `y`), pulled first towards `first` and then towards `second`.
    #[must_use]
    pub fn curve_to(mut self, first: (f32, f32), second: (f32, f32), x: f32, y: f32) -> Self {
        self.begin();
        self.0.curve_to(point(first), point(second), point((x, y)));
        self
    }

    /// A straight line to where this outline began.
    #[must_use]
    pub fn close(mut self) -> Self {
        if !self.0.elements().is_empty() {
            self.0.close_path();
        }
        self
    }

    /// kurbo asks for a `move_to` before anything else.
    fn begin(&mut self) {
        if self.0.elements().is_empty() {
            self.0.move_to((0.0, 0.0));
        }
    }
}

fn point((x, y): (f32, f32)) -> kurbo::Point {
    kurbo::Point::new(x.into(), y.into())
}
