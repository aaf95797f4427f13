//! A colour, as the user names it.

/// A colour with straight alpha, 8 bits each, gamma-coded as the picture is.
///
/// ```
/// use streamlib::actors::drawing::Color;
///
/// let glass = Color::rgb(0, 64, 128).with_alpha(0.5);
/// assert_eq!(glass, Color::rgba(0, 64, 128, 128));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Color {
    /// Red, 0 to 255.
    pub red: u8,
    /// Green, 0 to 255.
    pub green: u8,
    /// Blue, 0 to 255.
    pub blue: u8,
    /// 255 is opaque, 0 is not there.
    pub alpha: u8,
}

impl Color {
    /// Opaque black.
    pub const BLACK: Self = Self::rgb(0, 0, 0);
    /// Opaque white.
    pub const WHITE: Self = Self::rgb(255, 255, 255);
    /// Nothing.
    pub const TRANSPARENT: Self = Self::rgba(0, 0, 0, 0);

    /// An opaque colour.
    #[must_use]
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self::rgba(red, green, blue, u8::MAX)
    }

    /// A colour and how much it covers.
    #[must_use]
    pub const fn rgba(red: u8, green: u8, blue: u8, alpha: u8) -> Self {
        Self {
            red,
            green,
            blue,
            alpha,
        }
    }

    /// The same colour covering that much, from 0 to 1.
    #[must_use]
    pub fn with_alpha(self, alpha: f32) -> Self {
        Self {
            // A NaN becomes 0.
            alpha: (alpha.clamp(0.0, 1.0) * 255.0).round() as u8,
            ..self
        }
    }
}
