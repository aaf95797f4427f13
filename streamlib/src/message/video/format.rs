//! How pixels are written down as bytes.

use std::fmt;

use super::layout::{Layout, Plane};

/// How the pixels of a frame are written down as bytes.
///
/// More formats come (4:2:2 packed and 10-bit, NV12, planar); a match on this needs an arm for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PixelFormat {
    /// Red, green, blue: 8 bits each, 3 bytes a pixel, full range, gamma-coded.
    #[default]
    Rgb8,
    /// Red, green, blue, alpha: 8 bits each, 4 bytes a pixel; alpha is straight (not premultiplied),
    /// 255 is opaque.
    Rgba8,
}

impl PixelFormat {
    /// How many values a pixel has: 3 or 4.
    #[must_use]
    pub const fn channels(self) -> usize {
        match self {
            Self::Rgb8 => 3,
            Self::Rgba8 => 4,
        }
    }

    /// Whether a pixel may be transparent.
    #[must_use]
    pub const fn has_alpha(self) -> bool {
        matches!(self, Self::Rgba8)
    }

    /// Where the planes of a picture lie, tightly packed. This is where a new format is described;
    /// `width` and `height` are at most 16384, so nothing here overflows.
    pub(super) fn layout(self, width: usize, height: usize) -> Layout {
        match self {
            Self::Rgb8 => Layout::new(&[Plane::packed(width, height, 3)]),
            Self::Rgba8 => Layout::new(&[Plane::packed(width, height, 4)]),
        }
    }
}

/// `Rgb8`, `Rgba8`.
impl fmt::Display for PixelFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rgb8 => "Rgb8",
            Self::Rgba8 => "Rgba8",
        })
    }
}
