//! How a picture is to be shown: its colours, the order of its fields, the shape of its pixels.

use std::fmt;

use super::{Colorimetry, PixelFormat, VideoFrame};
use crate::{Error, Result};

/// In which order the rows of a picture were taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub enum FieldOrder {
    /// All at one time.
    #[default]
    Progressive,
    /// Interlaced: the rows 0, 2, 4, … half a frame before the others.
    TopFirst,
    /// Interlaced: the rows 1, 3, 5, … half a frame before the others.
    BottomFirst,
}

impl FieldOrder {
    /// Whether every other row is of another time.
    #[must_use]
    pub const fn is_interlaced(self) -> bool {
        !matches!(self, Self::Progressive)
    }

    /// That of a picture whose first row is this one.
    pub(crate) const fn beginning_at(self, first: usize) -> Self {
        match self {
            Self::TopFirst if first % 2 == 1 => Self::BottomFirst,
            Self::BottomFirst if first % 2 == 1 => Self::TopFirst,
            same => same,
        }
    }
}

/// The width of a pixel beside its height, as it is shown: 1:1 for square ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "process",
    serde(try_from = "(u32, u32)", into = "(u32, u32)")
)]
pub struct PixelAspect {
    width: u32,
    height: u32,
}

impl PixelAspect {
    /// As wide as high.
    pub const SQUARE: Self = Self {
        width: 1,
        height: 1,
    };

    /// `width` parts wide and `height` parts high, in lowest terms.
    ///
    /// # Errors
    /// [`Error::Invalid`] when one of them is 0.
    ///
    /// ```
    /// use streamlib::message::PixelAspect;
    ///
    /// // 720 × 576, shown at 16:9.
    /// assert_eq!(PixelAspect::new(128, 90)?.to_string(), "64:45");
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    pub fn new(width: u32, height: u32) -> Result<Self> {
        if width == 0 || height == 0 {
            return Err(Error::invalid(
                "pixel aspect",
                format_args!("{width}:{height}"),
                "two numbers that are not 0, as 1:1",
            ));
        }
        let (mut divisor, mut rest) = (width, height);
        while rest != 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        Ok(Self {
            width: width / divisor,
            height: height / divisor,
        })
    }

    /// The parts that the pixel is wide.
    #[must_use]
    pub const fn width(self) -> u32 {
        self.width
    }

    /// The parts that the pixel is high.
    #[must_use]
    pub const fn height(self) -> u32 {
        self.height
    }
}

#[cfg(feature = "process")]
impl TryFrom<(u32, u32)> for PixelAspect {
    type Error = Error;

    fn try_from((width, height): (u32, u32)) -> Result<Self> {
        Self::new(width, height)
    }
}

#[cfg(feature = "process")]
impl From<PixelAspect> for (u32, u32) {
    fn from(aspect: PixelAspect) -> Self {
        (aspect.width, aspect.height)
    }
}

/// [`SQUARE`](Self::SQUARE).
impl Default for PixelAspect {
    fn default() -> Self {
        Self::SQUARE
    }
}

/// `64:45`.
impl fmt::Display for PixelAspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.width, self.height)
    }
}

/// All of it, as a frame carries it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Interpretation {
    pub colorimetry: Colorimetry,
    pub field_order: FieldOrder,
    pub pixel_aspect: PixelAspect,
}

impl Interpretation {
    /// What is taken for granted when nobody says.
    pub fn default_for(format: PixelFormat, height: u32) -> Self {
        Self {
            colorimetry: Colorimetry::default_for(format, height),
            ..Self::default()
        }
    }
}

/// How it is to be shown. A frame that is made or [`reset`](Self::reset) has the defaults.
impl VideoFrame {
    /// What the pixels mean as colours; by default, [`Colorimetry::default_for`] the format and height.
    #[must_use]
    pub fn colorimetry(&self) -> Colorimetry {
        self.interpretation.colorimetry
    }

    /// Says what the pixels mean as colours. This changes no pixel.
    pub fn set_colorimetry(&mut self, colorimetry: Colorimetry) {
        self.interpretation.colorimetry = colorimetry;
    }

    /// In which order the rows were taken; by default, all at one time.
    #[must_use]
    pub fn field_order(&self) -> FieldOrder {
        self.interpretation.field_order
    }

    /// Says in which order the rows were taken.
    pub fn set_field_order(&mut self, field_order: FieldOrder) {
        self.interpretation.field_order = field_order;
    }

    /// The shape of a pixel; by default, a square.
    #[must_use]
    pub fn pixel_aspect(&self) -> PixelAspect {
        self.interpretation.pixel_aspect
    }

    /// Says what shape a pixel has.
    pub fn set_pixel_aspect(&mut self, pixel_aspect: PixelAspect) {
        self.interpretation.pixel_aspect = pixel_aspect;
    }

    /// Takes over what is told of `other` beside its pixels and colours: field order, pixel aspect, metadata,
    /// time and number. For a picture that is made of another one.
    pub fn inherit(&mut self, other: &Self) {
        self.interpretation = Interpretation {
            colorimetry: self.interpretation.colorimetry,
            ..other.interpretation
        };
        self.copy_notes(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aspect_of_nothing_is_refused() {
        let message = PixelAspect::new(4, 0).unwrap_err().to_string();
        assert_eq!(
            message,
            "pixel aspect is 4:0; expected two numbers that are not 0, as 1:1"
        );
        assert_eq!(
            PixelAspect::new(u32::MAX, u32::MAX).ok(),
            Some(PixelAspect::SQUARE)
        );
    }
}
