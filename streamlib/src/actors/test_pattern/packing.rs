//! Rows of colours as the bytes of every format.

use crate::message::{ColorRange, PixelFormat, VideoFrame};

/// A colour as R'G'B': 0 is black, 1 is 100 % of the component. What lies outside is kept by the formats that can.
pub(super) type Rgb = [f32; 3];

/// Luma and the two colour differences: 0 to 1, and −0.5 to 0.5 twice.
type Ycc = [f32; 3];

/// A colour of 8 bits a component.
pub(super) const fn rgb([red, green, blue]: [u8; 3]) -> Rgb {
    [
        red as f32 / 255.0,
        green as f32 / 255.0,
        blue as f32 / 255.0,
    ]
}

/// A grey of that part of white.
pub(super) const fn grey(level: f32) -> Rgb {
    [level; 3]
}

/// How colours become the bytes of one format.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packing {
    pub format: PixelFormat,
    /// The shares of red and blue in the luma.
    shares: (f32, f32),
    full_range: bool,
}

impl Packing {
    /// As the frame's format and colorimetry say.
    pub fn of(frame: &VideoFrame) -> Self {
        let colorimetry = frame.colorimetry();
        let (red, blue) = colorimetry.matrix.luma_shares().unwrap_or((0.0, 0.0));
        Self {
            format: frame.format(),
            shares: (red as f32, blue as f32),
            full_range: colorimetry.range == ColorRange::Full,
        }
    }

    /// Where column `x` begins in a row of the first plane, in bytes; `x` is a multiple of 12.
    pub fn offset(self, x: usize) -> usize {
        match self.format {
            PixelFormat::Rgb8 => 3 * x,
            PixelFormat::Rgba8 | PixelFormat::Bgra8 => 4 * x,
            PixelFormat::Gray8 | PixelFormat::I420 | PixelFormat::Nv12 => x,
            PixelFormat::Uyvy => 2 * x,
            PixelFormat::V210 => x / 6 * 16,
            PixelFormat::Uyvp => x / 2 * 5,
        }
    }

    /// Writes the bytes that `row` has in the first plane, and for 4:2:0 the colour differences of each two pixels.
    pub fn pack(self, row: &[Rgb], bytes: &mut Vec<u8>, chroma: &mut Vec<[f32; 2]>) {
        bytes.clear();
        chroma.clear();
        let byte = |level: f32| (level * 255.0 + 0.5) as u8; // it saturates
        match self.format {
            PixelFormat::Rgb8 => bytes.extend(row.iter().flat_map(|rgb| rgb.map(byte))),
            PixelFormat::Rgba8 => bytes.extend(row.iter().flat_map(|rgb| {
                let [red, green, blue] = rgb.map(byte);
                [red, green, blue, u8::MAX]
            })),
            PixelFormat::Bgra8 => bytes.extend(row.iter().flat_map(|rgb| {
                let [red, green, blue] = rgb.map(byte);
                [blue, green, red, u8::MAX]
            })),
            PixelFormat::Gray8 => {
                bytes.extend(row.iter().map(|&rgb| self.luma_code(self.luma(rgb))));
            }
            PixelFormat::I420 | PixelFormat::Nv12 => {
                let mut before: Option<(&[Rgb], [u8; 2], [f32; 2])> = None;
                for pair in row.chunks(2) {
                    // Patches are wide: most pairs are the one before.
                    let same = before.filter(|(other, ..)| *other == pair);
                    let (_, lumas, differences) = *before.insert(same.unwrap_or_else(|| {
                        let (lumas, differences) = self.pair(pair);
                        (pair, lumas.map(|luma| self.luma_code(luma)), differences)
                    }));
                    bytes.extend_from_slice(&lumas[..pair.len()]);
                    chroma.push(differences);
                }
            }
            PixelFormat::Uyvy => bytes.extend(row.chunks(2).flat_map(|pair| {
                let ([first, second], [blue, red]) = self.pair(pair);
                let [blue, red] = [blue, red].map(chroma_code);
                [blue, self.luma_code(first), red, self.luma_code(second)]
            })),
            PixelFormat::Uyvp => bytes.extend(row.chunks(2).flat_map(|pair| {
                let [blue, first, red, second] = self.ten_bits(pair).map(u64::from);
                let group = blue << 30 | first << 20 | red << 10 | second;
                let [.., a, b, c, d, e] = group.to_be_bytes();
                [a, b, c, d, e]
            })),
            PixelFormat::V210 => bytes.extend(row.chunks(6).flat_map(|six| {
                let pair = |index: usize| {
                    let last = six.len() - 1;
                    [six[index.min(last)], six[(index + 1).min(last)]]
                };
                let [u0, y0, v0, y1] = self.ten_bits(&pair(0));
                let [u2, y2, v2, y3] = self.ten_bits(&pair(2));
                let [u4, y4, v4, y5] = self.ten_bits(&pair(4));
                let words = [[u0, y0, v0], [y1, u2, y2], [v2, y3, u4], [y4, v4, y5]];
                let words = words.map(|[low, middle, high]| low | middle << 10 | high << 20);
                words.into_iter().flat_map(u32::to_le_bytes)
            })),
        }
    }

    fn luma(self, [red, green, blue]: Rgb) -> f32 {
        let (of_red, of_blue) = self.shares;
        of_red * red + (1.0 - of_red - of_blue) * green + of_blue * blue
    }

    fn ycc(self, rgb: Rgb) -> Ycc {
        let (of_red, of_blue) = self.shares;
        let luma = self.luma(rgb);
        let [red, _, blue] = rgb;
        [
            luma,
            (blue - luma) / (2.0 * (1.0 - of_blue)),
            (red - luma) / (2.0 * (1.0 - of_red)),
        ]
    }

    /// The luma of both of two pixels, and the mean of their colour differences; one alone counts twice.
    fn pair(self, pixels: &[Rgb]) -> ([f32; 2], [f32; 2]) {
        let first = self.ycc(pixels[0]);
        let second = match pixels {
            [one, other, ..] if other != one => self.ycc(*other),
            _ => first,
        };
        let mean = |index: usize| (first[index] + second[index]) / 2.0;
        ([first[0], second[0]], [mean(1), mean(2)])
    }

    /// U Y V Y of two pixels in codes of 10 bits. The codes of timing signals are left out.
    fn ten_bits(self, pixels: &[Rgb]) -> [u32; 4] {
        let ([first, second], [blue, red]) = self.pair(pixels);
        let code = |level: f32| (level.round() as u32).clamp(4, 1019);
        let luma = |luma: f32| code(64.0 + 876.0 * luma);
        let chroma = |difference: f32| code(512.0 + 896.0 * difference);
        [chroma(blue), luma(first), chroma(red), luma(second)]
    }

    fn luma_code(self, luma: f32) -> u8 {
        if self.full_range {
            return (luma * 255.0).round() as u8;
        }
        ((16.0 + 219.0 * luma).round() as u8).clamp(1, 254)
    }
}

/// The codes of colour differences, of which most are the one before.
pub(super) fn chroma_codes(differences: impl Iterator<Item = f32>) -> impl Iterator<Item = u8> {
    let mut before = (f32::NAN, 0);
    differences.map(move |difference| {
        if difference != before.0 {
            before = (difference, chroma_code(difference));
        }
        before.1
    })
}

/// In 8 bits, limited range.
pub(super) fn chroma_code(difference: f32) -> u8 {
    ((128.0 + 224.0 * difference).round() as u8).clamp(1, 254)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(format: PixelFormat, height: u32, row: &[Rgb]) -> (Vec<u8>, Vec<[f32; 2]>) {
        let frame = VideoFrame::new(format, 64, height).unwrap();
        let (mut bytes, mut chroma) = (Vec::new(), Vec::new());
        Packing::of(&frame).pack(row, &mut bytes, &mut chroma);
        (bytes, chroma)
    }

    const YELLOW: Rgb = [0.75, 0.75, 0.0];

    #[test]
    fn seventy_five_percent_yellow_has_the_codes_of_the_standards() {
        let row = [YELLOW; 6];
        assert_eq!(packed(PixelFormat::Rgb8, 48, &row).0[..3], [191, 191, 0]);
        assert_eq!(
            packed(PixelFormat::Bgra8, 48, &row).0[..4],
            [0, 191, 191, 255]
        );
        // ITU-R BT.601 and SMPTE RP 219-1, the latter in 10 bits: 674, 176, 543.
        assert_eq!(
            packed(PixelFormat::Uyvy, 48, &row).0[..4],
            [44, 162, 142, 162]
        );
        assert_eq!(
            packed(PixelFormat::Uyvy, 720, &row).0[..4],
            [44, 168, 136, 168]
        );
        let uyvp = packed(PixelFormat::Uyvp, 720, &row).0;
        let group = uyvp[..5]
            .iter()
            .fold(0_u64, |group, &byte| group << 8 | u64::from(byte));
        let codes = [30, 20, 10, 0].map(|shift| group >> shift & 1023);
        assert_eq!(codes, [176, 674, 543, 674]);
        let v210 = packed(PixelFormat::V210, 720, &row).0;
        let word = |index: usize| {
            let word = u32::from_le_bytes(v210[4 * index..4 * index + 4].try_into().unwrap());
            [0, 10, 20].map(|shift| word >> shift & 1023)
        };
        assert_eq!(word(0), [176, 674, 543]);
        assert_eq!(word(1), [674, 176, 674]);
        assert_eq!(word(2), [543, 674, 176]);
        assert_eq!(word(3), [674, 543, 674]);
    }

    #[test]
    fn what_lies_below_black_is_kept_where_there_is_room() {
        let row = [grey(-0.02); 2];
        assert_eq!(packed(PixelFormat::Rgb8, 48, &row).0[..3], [0; 3]);
        assert_eq!(packed(PixelFormat::Uyvy, 48, &row).0, [128, 12, 128, 12]);
        assert_eq!(
            packed(PixelFormat::Uyvy, 48, &[grey(-9.0), grey(9.0)]).0,
            [128, 1, 128, 254]
        );
    }

    #[test]
    fn odd_widths_repeat_the_last_pixel() {
        let row = [grey(0.0), grey(0.0), grey(1.0)];
        assert_eq!(
            packed(PixelFormat::Uyvy, 48, &row).0,
            [128, 16, 128, 16, 128, 235, 128, 235]
        );
        let (luma, chroma) = packed(PixelFormat::I420, 48, &row);
        assert_eq!((luma, chroma.len()), (vec![16, 16, 235], 2));
        assert_eq!(packed(PixelFormat::V210, 48, &row).0.len(), 16);
    }
}
