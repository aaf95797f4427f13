//! What a shape is painted with.

use smallvec::SmallVec;

use super::Color;

/// What a shape is painted with: a [`Color`] or a [`Gradient`].
#[derive(Clone, Debug, PartialEq)]
pub struct Paint(pub(super) Kind);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Color(Color),
    Gradient(Gradient),
}

impl From<Color> for Paint {
    fn from(color: Color) -> Self {
        Self(Kind::Color(color))
    }
}

impl From<Gradient> for Paint {
    fn from(gradient: Gradient) -> Self {
        Self(Kind::Gradient(gradient))
    }
}

impl From<&Gradient> for Paint {
    fn from(gradient: &Gradient) -> Self {
        gradient.clone().into()
    }
}

/// Colours that pass into one another: along a line, or from a centre outwards.
///
/// They are mixed as they are coded, premultiplied by their alpha. Before the first stop and after the last the colour
/// goes on; with no stop at all nothing is painted.
///
/// ```
/// use streamlib::actors::drawing::{Color, Gradient};
///
/// let fade = Gradient::linear((0.0, 0.0), (0.0, 200.0))
///     .stop(0.0, Color::TRANSPARENT)
///     .stop(1.0, Color::BLACK);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    pub(super) shape: Shape,
    pub(super) stops: SmallVec<[(f32, Color); 4]>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    Linear((f32, f32), (f32, f32)),
    Radial((f32, f32), f32),
}

impl Gradient {
    /// From one point to another.
    #[must_use]
    pub fn linear(from: (f32, f32), to: (f32, f32)) -> Self {
        Self {
            shape: Shape::Linear(from, to),
            stops: SmallVec::new(),
        }
    }

    /// From a centre out to a radius.
    #[must_use]
    pub fn radial(centre: (f32, f32), radius: f32) -> Self {
        Self {
            shape: Shape::Radial(centre, radius),
            stops: SmallVec::new(),
        }
    }

    /// The colour at a part of the way, from 0 to 1. Stops are given in order.
    #[must_use]
    pub fn stop(mut self, at: f32, color: Color) -> Self {
        // In order and finite, whatever is given.
        let least = self.stops.last().map_or(0.0, |&(last, _)| last);
        let at = if at.is_finite() { at } else { least };
        self.stops.push((at.clamp(least, 1.0), color));
        self
    }
}
