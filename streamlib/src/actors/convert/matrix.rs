//! What the codes of a format are as numbers, and the matrix from those of one frame to those of another.

use super::affine::Affine;
use crate::message::{ColorMatrix, ColorRange, Colorimetry, PixelFormat};

/// How the samples of a picture are coded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::actors) struct Coding {
    pub bits: u32,
    /// With `None`, samples are red, green and blue.
    pub luma_shares: Option<(f64, f64)>,
    pub full_range: bool,
    /// Luma alone.
    pub gray: bool,
}

impl Coding {
    pub fn new(format: PixelFormat, colorimetry: Colorimetry) -> Self {
        // Luma without a matrix has been told wrong; it is read as HD.
        let shares = colorimetry.matrix.luma_shares();
        let shares = shares.or(ColorMatrix::Bt709.luma_shares());
        Self {
            bits: format.bits(),
            luma_shares: if format.is_rgb() { None } else { shares },
            full_range: colorimetry.range == ColorRange::Full,
            gray: format == PixelFormat::Gray8,
        }
    }

    /// The code of black and of no colour.
    pub fn zero(&self) -> [f64; 3] {
        let unit = f64::from(1_u32 << (self.bits - 8));
        let black = if self.full_range { 0.0 } else { 16.0 * unit };
        match self.luma_shares {
            None => [black; 3],
            Some(_) => [black, 128.0 * unit, 128.0 * unit],
        }
    }

    /// How many codes there are from black to white, and from one end of a colour difference to the other.
    pub fn span(&self) -> [f64; 3] {
        let unit = f64::from(1_u32 << (self.bits - 8));
        let (luma, chroma) = if self.full_range {
            let most = f64::from((1_u32 << self.bits) - 1);
            (most, most)
        } else {
            (219.0 * unit, 224.0 * unit)
        };
        match self.luma_shares {
            None => [luma; 3],
            Some(_) => [luma, chroma, chroma],
        }
    }

    /// The codes that may be written. Of 10 bits and limited range, those that SDI and ST 2110-20 leave for
    /// pictures.
    pub fn limits(&self) -> (i16, i16) {
        match (self.bits, self.full_range) {
            (10, false) => (4, 1019),
            (bits, _) => (0, (1 << bits) - 1),
        }
    }

    /// Whether `other` means the same by each of its samples, apart from range and bits.
    pub fn same_samples(&self, other: &Self) -> bool {
        // Luma that is alone has no matrix to differ in.
        self.luma_shares == other.luma_shares
            || (self.gray || other.gray)
                && self.luma_shares.is_some() == other.luma_shares.is_some()
    }

    /// From luma from 0 to 1 and colour differences from −0.5 to 0.5, to red, green and blue from 0 to 1.
    fn to_rgb(self) -> [[f64; 3]; 3] {
        let Some((red, blue)) = self.luma_shares else {
            return IDENTITY;
        };
        let green = 1.0 - red - blue;
        let (v, u) = (2.0 * (1.0 - red), 2.0 * (1.0 - blue));
        [
            [1.0, 0.0, v],
            [1.0, -u * blue / green, -v * red / green],
            [1.0, u, 0.0],
        ]
    }

    fn of_rgb(self) -> [[f64; 3]; 3] {
        let Some((red, blue)) = self.luma_shares else {
            return IDENTITY;
        };
        let green = 1.0 - red - blue;
        let (u, v) = (0.5 / (1.0 - blue), 0.5 / (1.0 - red));
        [
            [red, green, blue],
            [-red * u, -green * u, (1.0 - blue) * u],
            [(1.0 - red) * v, -green * v, -blue * v],
        ]
    }
}

const IDENTITY: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// The real matrix from codes of `from` to codes of `to`, around their zeros, and the codes that may be written.
#[cfg(feature = "gpu")]
pub(in crate::actors) fn real(from: &Coding, to: &Coding) -> ([[f64; 3]; 3], (i16, i16)) {
    if from.same_samples(to) && from.span() == to.span() {
        (IDENTITY, (0, (1 << to.bits) - 1))
    } else {
        (between(from, to), to.limits())
    }
}

/// The real matrix from codes of `from` to codes of `to`, around their zeros.
pub(super) fn between(from: &Coding, to: &Coding) -> [[f64; 3]; 3] {
    let (out, into) = if from.same_samples(to) {
        (IDENTITY, IDENTITY)
    } else {
        (from.to_rgb(), to.of_rgb())
    };
    let (from_span, to_span) = (from.span(), to.span());
    let mut matrix = [[0.0; 3]; 3];
    for (i, row) in matrix.iter_mut().enumerate() {
        for (j, entry) in row.iter_mut().enumerate() {
            let sum: f64 = (0..3).map(|k| into[i][k] * out[k][j]).sum();
            *entry = sum * to_span[i] / from_span[j];
        }
    }
    matrix
}

/// The same in fixed point.
pub(super) fn affine(from: &Coding, to: &Coding) -> Affine {
    let (low, high) = if from.same_samples(to) && from.span() == to.span() {
        (0, (1 << to.bits) - 1) // samples are moved, and stay what they are
    } else {
        to.limits()
    };
    Affine::new(
        between(from, to),
        from.zero(),
        to.zero(),
        [low; 3],
        [high; 3],
    )
}
