//! What is done to a picture.

use crate::actors::Crop;

/// What is done to a picture: it is cropped, then flipped, then turned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Transformation {
    /// The part that is left; all of it for `None`.
    pub crop: Option<Crop>,
    /// Whether left and right change places.
    pub flip_horizontal: bool,
    /// Whether top and bottom change places.
    pub flip_vertical: bool,
    /// How it is turned.
    pub turn: Turn,
}

impl Transformation {
    /// Whether nothing is done to a picture.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// How a picture is turned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Turn {
    /// Not at all.
    #[default]
    Not,
    /// A quarter to the right: what was on top is on the right.
    Right,
    /// Upside down, left and right with it.
    Half,
    /// A quarter to the left: what was on top is on the left.
    Left,
}

impl Turn {
    /// Whether width and height change places.
    #[must_use]
    pub const fn is_quarter(self) -> bool {
        matches!(self, Self::Right | Self::Left)
    }
}
