//! What the numbers of a pixel mean as colours.

use std::fmt;

use super::PixelFormat;

/// From this height on a picture without other word is HD, and BT.709.
const HD_HEIGHT: u32 = 720;

/// What the numbers of a pixel mean as colours: the four things that GStreamer's `colorimetry` and the
/// `colorimetry`, `TCS` and `RANGE` of SMPTE ST 2110-20 tell.
///
/// A frame that nobody told otherwise has the default of its format and height
/// ([`default_for`](Self::default_for)).
///
/// ```
/// use streamlib::message::{ColorRange, Colorimetry, PixelFormat, VideoFrame};
///
/// let mut frame = VideoFrame::new(PixelFormat::I420, 1920, 1080)?;
/// assert_eq!(frame.colorimetry(), Colorimetry::BT709);
/// frame.set_colorimetry(Colorimetry { range: ColorRange::Full, ..Colorimetry::BT709 });
/// # Ok::<(), streamlib::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub struct Colorimetry {
    /// Which codes are black and white.
    pub range: ColorRange,
    /// How luma and colour differences are made of red, green and blue.
    pub matrix: ColorMatrix,
    /// How a level is made of light.
    pub transfer: Transfer,
    /// Which red, green, blue and white are meant.
    pub primaries: Primaries,
}

impl Colorimetry {
    /// Standard definition: BT.601 for 525 lines (SMPTE 170M), limited range.
    pub const BT601: Self = Self {
        range: ColorRange::Limited,
        matrix: ColorMatrix::Bt601,
        transfer: Transfer::Bt709,
        primaries: Primaries::Smpte170m,
    };
    /// High definition: BT.709, limited range.
    pub const BT709: Self = Self {
        range: ColorRange::Limited,
        matrix: ColorMatrix::Bt709,
        transfer: Transfer::Bt709,
        primaries: Primaries::Bt709,
    };
    /// Ultra-high definition, standard dynamic range: BT.2020 with non-constant luminance, limited range.
    pub const BT2020: Self = Self {
        range: ColorRange::Limited,
        matrix: ColorMatrix::Bt2020,
        transfer: Transfer::Bt709,
        primaries: Primaries::Bt2020,
    };
    /// High dynamic range: BT.2100 with the perceptual quantiser (SMPTE ST 2084), limited range.
    pub const BT2100_PQ: Self = Self {
        transfer: Transfer::Pq,
        ..Self::BT2020
    };
    /// High dynamic range: BT.2100 with the hybrid log-gamma, limited range.
    pub const BT2100_HLG: Self = Self {
        transfer: Transfer::Hlg,
        ..Self::BT2020
    };
    /// Computer pictures: red, green and blue as such, full range.
    pub const SRGB: Self = Self {
        range: ColorRange::Full,
        matrix: ColorMatrix::Rgb,
        transfer: Transfer::Srgb,
        primaries: Primaries::Bt709,
    };

    /// What a picture of `format` and `height` rows is taken to be when nobody says: `SRGB` for red, green
    /// and blue; else BT.709 from 720 rows on and BT.601 below, in limited range, but `Gray8` in full
    /// range.
    #[must_use]
    pub const fn default_for(format: PixelFormat, height: u32) -> Self {
        if format.is_rgb() {
            return Self::SRGB;
        }
        let by_height = if height >= HD_HEIGHT {
            Self::BT709
        } else {
            Self::BT601
        };
        match format {
            PixelFormat::Gray8 => Self {
                range: ColorRange::Full,
                ..by_height
            },
            _ => by_height,
        }
    }
}

impl Colorimetry {
    /// What a picture of this colorimetry best is once its pixels are of `format`, `height` rows of them: as it
    /// is between formats of luma; red, green and blue in full range; and from those,
    /// [`default_for`](Self::default_for) the format and height, or BT.2020 where the primaries are. Transfer and
    /// primaries stay, but what was drawn for a computer's screen is taken as television's.
    #[must_use]
    pub const fn converted_to(self, format: PixelFormat, height: u32) -> Self {
        let was_rgb = matches!(self.matrix, ColorMatrix::Rgb);
        if format.is_rgb() {
            return if was_rgb {
                self
            } else {
                Self {
                    range: ColorRange::Full,
                    matrix: ColorMatrix::Rgb,
                    ..self
                }
            };
        }
        let default = Self::default_for(format, height);
        if !was_rgb {
            return Self {
                // Gray8 is full unless it is said otherwise, all others are limited.
                range: match (format, self.range) {
                    (PixelFormat::Gray8, _) => ColorRange::Full,
                    (_, range) => range,
                },
                ..self
            };
        }
        if matches!(self.transfer, Transfer::Srgb) {
            return default;
        }
        Self {
            transfer: self.transfer,
            primaries: self.primaries,
            matrix: match self.primaries {
                Primaries::Bt2020 => ColorMatrix::Bt2020,
                _ => default.matrix,
            },
            ..default
        }
    }
}

/// What an empty frame has.
impl Default for Colorimetry {
    fn default() -> Self {
        Self::SRGB
    }
}

/// `range:matrix:transfer:primaries`, as `limited:bt709:bt709:bt709`.
impl fmt::Display for Colorimetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = match self.range {
            ColorRange::Limited => "limited",
            ColorRange::Full => "full",
        };
        let matrix = match self.matrix {
            ColorMatrix::Rgb => "rgb",
            ColorMatrix::Bt601 => "bt601",
            ColorMatrix::Bt709 => "bt709",
            ColorMatrix::Bt2020 => "bt2020",
        };
        let transfer = match self.transfer {
            Transfer::Bt709 => "bt709",
            Transfer::Srgb => "srgb",
            Transfer::Linear => "linear",
            Transfer::Pq => "pq",
            Transfer::Hlg => "hlg",
        };
        let primaries = match self.primaries {
            Primaries::Smpte170m => "smpte170m",
            Primaries::Ebu3213 => "ebu3213",
            Primaries::Bt709 => "bt709",
            Primaries::Bt2020 => "bt2020",
        };
        write!(f, "{range}:{matrix}:{transfer}:{primaries}")
    }
}

/// Which codes are black and white.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub enum ColorRange {
    /// Of 8 bits, luma has 16 to 235 and colour differences 16 to 240; four times that of 10. What lies
    /// outside is headroom. ST 2110-20 calls it NARROW.
    Limited,
    /// All codes: 0 to 255 of 8 bits.
    Full,
}

/// How luma and colour differences are made of red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub enum ColorMatrix {
    /// Not at all: the pixel is red, green and blue.
    Rgb,
    /// ITU-R BT.601: Y = 0.299 R + 0.587 G + 0.114 B.
    Bt601,
    /// ITU-R BT.709: Y = 0.2126 R + 0.7152 G + 0.0722 B.
    Bt709,
    /// ITU-R BT.2020 with non-constant luminance: Y = 0.2627 R + 0.678 G + 0.0593 B.
    Bt2020,
}

impl ColorMatrix {
    /// The share of red and of blue in the luma, Kr and Kb; green has the rest. `None` for [`Rgb`](Self::Rgb).
    #[must_use]
    pub const fn luma_shares(self) -> Option<(f64, f64)> {
        match self {
            Self::Rgb => None,
            Self::Bt601 => Some((0.299, 0.114)),
            Self::Bt709 => Some((0.2126, 0.0722)),
            Self::Bt2020 => Some((0.2627, 0.0593)),
        }
    }
}

/// How a level is made of light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub enum Transfer {
    /// The camera curve of BT.709, BT.601 and BT.2020.
    Bt709,
    /// IEC 61966-2-1.
    Srgb,
    /// Levels are light.
    Linear,
    /// The perceptual quantiser: SMPTE ST 2084, BT.2100.
    Pq,
    /// The hybrid log-gamma: ARIB STD-B67, BT.2100.
    Hlg,
}

/// Which red, green, blue and white are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub enum Primaries {
    /// Of 525-line television: SMPTE 170M, BT.601.
    Smpte170m,
    /// Of 625-line television: EBU Tech. 3213, BT.601.
    Ebu3213,
    /// Of HDTV and sRGB: BT.709.
    Bt709,
    /// Of UHDTV: BT.2020, BT.2100.
    Bt2020,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_by_format_and_height() {
        let of = Colorimetry::default_for;
        assert_eq!(of(PixelFormat::Bgra8, 1080), Colorimetry::SRGB);
        assert_eq!(of(PixelFormat::Uyvy, 720), Colorimetry::BT709);
        assert_eq!(of(PixelFormat::Uyvy, 719), Colorimetry::BT601);
        assert_eq!(of(PixelFormat::Gray8, 1080).range, ColorRange::Full);
        assert_eq!(
            Colorimetry::BT2100_PQ.to_string(),
            "limited:bt2020:pq:bt2020"
        );
    }
}
