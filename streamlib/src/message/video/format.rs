//! How pixels are written down as bytes.

use std::fmt;

use super::layout::{Layout, PlaneLayout};

/// How the pixels of a frame are written down as bytes.
///
/// | format | bytes of a row | planes | the same elsewhere |
/// | --- | --- | --- | --- |
/// | `Rgb8` | R G B | 1 | GStreamer `RGB`, FFmpeg `rgb24` |
/// | `Rgba8` | R G B A | 1 | `RGBA`, `rgba` |
/// | `Bgra8` | B G R A | 1 | `BGRA`, `bgra` |
/// | `Gray8` | Y | 1 | `GRAY8`, `gray` |
/// | `I420` | Y; U; V, each chroma row for 2 × 2 pixels | 3 | `I420`, `yuv420p` |
/// | `Nv12` | Y; U V, each chroma row for 2 × 2 pixels | 2 | `NV12`, `nv12` |
/// | `Uyvy` | U Y V Y, for 2 pixels | 1 | `UYVY`, `uyvy422` |
/// | `V210` | 16 bytes for 6 pixels, 10 bits a sample in little-endian words | 1 | `v210`, `v210` |
/// | `Uyvp` | 5 bytes for 2 pixels: U Y V Y of 10 bits each, big-endian | 1 | `UYVP`, the group of RFC 4175 and ST 2110-20 |
///
/// R G B are full range and gamma-coded; alpha is straight (not premultiplied), and 255 is opaque. Y is
/// the luma, U and V the colour differences Cb and Cr; in which matrix and range, the frame's
/// [`Colorimetry`](super::Colorimetry) says. A picture of odd width or height has one chroma sample more
/// for its last column or row.
///
/// More formats may come; a match on this needs an arm for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub enum PixelFormat {
    /// Red, green, blue: 8 bits each, 3 bytes a pixel, full range, gamma-coded.
    #[default]
    Rgb8,
    /// Red, green, blue, alpha: 8 bits each, 4 bytes a pixel; alpha is straight (not premultiplied),
    /// 255 is opaque.
    Rgba8,
    /// Blue, green, red, alpha: as `Rgba8` in another order.
    Bgra8,
    /// Luma alone: 8 bits, 1 byte a pixel, full range unless the colorimetry says otherwise.
    Gray8,
    /// 4:2:0 in three planes of 8 bits: Y, U, V.
    I420,
    /// 4:2:0 in two planes of 8 bits: Y, and U V in turn.
    Nv12,
    /// 4:2:2 of 8 bits in one plane: U Y V Y for two pixels.
    Uyvy,
    /// 4:2:2 of 10 bits in one plane: three samples in the low 30 bits of each little-endian 32-bit word, in
    /// the order U Y V Y. Rows are multiples of 128 bytes, as capture cards and files have them.
    V210,
    /// 4:2:2 of 10 bits in one plane: U Y V Y for two pixels in 5 bytes, most significant bit first. The
    /// pixel group of RFC 4175 and SMPTE ST 2110-20.
    Uyvp,
}

impl PixelFormat {
    /// Every format.
    pub const ALL: &[Self] = &[
        Self::Rgb8,
        Self::Rgba8,
        Self::Bgra8,
        Self::Gray8,
        Self::I420,
        Self::Nv12,
        Self::Uyvy,
        Self::V210,
        Self::Uyvp,
    ];

    /// How many values a pixel has: 1 for `Gray8`, 4 with alpha, else 3.
    #[must_use]
    pub const fn channels(self) -> usize {
        match self {
            Self::Gray8 => 1,
            Self::Rgba8 | Self::Bgra8 => 4,
            Self::Rgb8 | Self::I420 | Self::Nv12 | Self::Uyvy | Self::V210 | Self::Uyvp => 3,
        }
    }

    /// How many bits a value has: 8 or 10.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::V210 | Self::Uyvp => 10,
            _ => 8,
        }
    }

    /// Whether a pixel may be transparent.
    #[must_use]
    pub const fn has_alpha(self) -> bool {
        matches!(self, Self::Rgba8 | Self::Bgra8)
    }

    /// Whether a pixel is red, green and blue; else it is luma, with or without colour differences.
    #[must_use]
    pub const fn is_rgb(self) -> bool {
        matches!(self, Self::Rgb8 | Self::Rgba8 | Self::Bgra8)
    }

    /// How many planes a picture has: 1 to 3.
    #[must_use]
    pub const fn plane_count(self) -> usize {
        match self {
            Self::I420 => 3,
            Self::Nv12 => 2,
            _ => 1,
        }
    }

    /// How many columns and rows share one chroma sample: (1, 1), (2, 1) for 4:2:2, (2, 2) for 4:2:0.
    #[must_use]
    pub const fn subsampling(self) -> (u32, u32) {
        match self {
            Self::Rgb8 | Self::Rgba8 | Self::Bgra8 | Self::Gray8 => (1, 1),
            Self::Uyvy | Self::V210 | Self::Uyvp => (2, 1),
            Self::I420 | Self::Nv12 => (2, 2),
        }
    }

    /// Where the planes of a picture lie when nothing else is asked for: without gaps, except that the rows
    /// of V210 are multiples of 128 bytes. This is where a new format is described; `width` and `height`
    /// are at most 16384, so nothing here overflows.
    pub(super) fn layout(self, width: usize, height: usize) -> Layout {
        let packed = PlaneLayout::packed;
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        match self {
            Self::Rgb8 => Layout::new(&[packed(width, height, 3)]),
            Self::Rgba8 | Self::Bgra8 => Layout::new(&[packed(width, height, 4)]),
            Self::Gray8 => Layout::new(&[packed(width, height, 1)]),
            Self::I420 => Layout::new(&[
                packed(width, height, 1),
                packed(half_width, half_height, 1),
                packed(half_width, half_height, 1),
            ]),
            Self::Nv12 => {
                Layout::new(&[packed(width, height, 1), packed(half_width, half_height, 2)])
            }
            Self::Uyvy => Layout::new(&[packed(half_width, height, 4)]),
            Self::V210 => Layout::new(&[PlaneLayout {
                stride: width.div_ceil(48) * 128,
                ..packed(width.div_ceil(6), height, 16)
            }]),
            Self::Uyvp => Layout::new(&[packed(half_width, height, 5)]),
        }
    }
}

/// `Rgb8`, `I420`: the variant's name.
impl fmt::Display for PixelFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rgb8 => "Rgb8",
            Self::Rgba8 => "Rgba8",
            Self::Bgra8 => "Bgra8",
            Self::Gray8 => "Gray8",
            Self::I420 => "I420",
            Self::Nv12 => "Nv12",
            Self::Uyvy => "Uyvy",
            Self::V210 => "V210",
            Self::Uyvp => "Uyvp",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_standards() {
        let len = |format: PixelFormat, width, height| format.layout(width, height).len;
        assert_eq!(len(PixelFormat::Rgb8, 1920, 1080), 6_220_800);
        assert_eq!(len(PixelFormat::I420, 1920, 1080), 3_110_400);
        assert_eq!(len(PixelFormat::Nv12, 1920, 1080), 3_110_400);
        assert_eq!(len(PixelFormat::Uyvy, 1920, 1080), 4_147_200);
        assert_eq!(len(PixelFormat::V210, 1920, 1080), 5_529_600);
        assert_eq!(len(PixelFormat::V210, 1280, 720), 3456 * 720); // 27 × 128 bytes a row
        assert_eq!(len(PixelFormat::Uyvp, 1920, 1080), 5_184_000); // 4800 bytes a row
        // An odd column and row have chroma of their own.
        assert_eq!(len(PixelFormat::I420, 3, 3), 9 + 2 * 4);
        assert_eq!(len(PixelFormat::Nv12, 3, 3), 9 + 8);
        assert_eq!(len(PixelFormat::Uyvy, 3, 1), 8);
        assert_eq!(len(PixelFormat::Uyvp, 3, 1), 10);
        assert_eq!(len(PixelFormat::V210, 49, 1), 256);
    }

    #[test]
    fn all_are_told_apart_by_name() {
        for format in PixelFormat::ALL {
            assert_eq!(format.to_string(), format!("{format:?}"));
            assert_eq!(format.layout(5, 5).planes().len(), format.plane_count());
        }
    }
}
