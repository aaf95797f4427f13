//! Where things are drawn: an affine map of the plane.

use vello_cpu::kurbo::{Affine, Point};

/// Moves, turns and scales what is drawn; in pixels, y downwards.
///
/// ```
/// use streamlib::actors::drawing::Transform;
///
/// // Read from left to right: first doubled, then moved.
/// let map = Transform::scale(2.0, 2.0).then(Transform::translate(10.0, 0.0));
/// assert_eq!(map.apply(3.0, 4.0), (16.0, 8.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Transform(pub(super) Affine);

impl Transform {
    /// Leaves everything where it is.
    pub const IDENTITY: Self = Self(Affine::IDENTITY);

    /// Moves by `x` pixels to the right and `y` down.
    #[must_use]
    pub fn translate(x: f32, y: f32) -> Self {
        Self(Affine::translate((x.into(), y.into())))
    }

    /// Makes everything `x` times as wide and `y` times as high, away from the origin.
    #[must_use]
    pub fn scale(x: f32, y: f32) -> Self {
        Self(Affine::scale_non_uniform(x.into(), y.into()))
    }

    /// Turns clockwise about the origin, by `degrees`.
    #[must_use]
    pub fn rotate(degrees: f32) -> Self {
        Self(Affine::rotate(f64::from(degrees).to_radians()))
    }

    /// Turns clockwise about a point, by `degrees`.
    #[must_use]
    pub fn rotate_about(degrees: f32, x: f32, y: f32) -> Self {
        let about = Point::new(x.into(), y.into());
        Self(Affine::rotate_about(f64::from(degrees).to_radians(), about))
    }

    /// This, and then `next`.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        Self(next.0 * self.0)
    }

    /// Where a point comes to lie.
    #[must_use]
    pub fn apply(self, x: f32, y: f32) -> (f32, f32) {
        let point = self.0 * Point::new(x.into(), y.into());
        (point.x as f32, point.y as f32)
    }
}
