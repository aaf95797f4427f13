//! A table of colours, and what lies between its entries.

use std::fmt;
use std::path::Path;

use super::cube;
use crate::Result;
use crate::actors::files;

/// A table that says for colours on a grid what becomes of them; for those between, by interpolation in the tetrahedron of
/// the four nearest entries.
///
/// ```
/// use streamlib::actors::Lut3d;
///
/// // Red and blue change places.
/// let text = "LUT_3D_SIZE 2\n0 0 0\n0 0 1\n0 1 0\n0 1 1\n1 0 0\n1 0 1\n1 1 0\n1 1 1\n";
/// let lut = Lut3d::parse(text)?;
/// assert_eq!(lut.apply([0.25, 0.5, 0.75]), [0.75, 0.5, 0.25]);
/// # Ok::<(), streamlib::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Lut3d {
    size: usize,
    /// Red changes the quickest; the fourth number is nothing.
    entries: Vec<[f32; 4]>,
    /// The colours of the first entry and of the last.
    domain: [[f32; 3]; 2],
}

impl Lut3d {
    /// The most entries along an edge.
    pub const MAX_SIZE: usize = 256;

    /// Reads the text of a `.cube` file (Adobe Cube LUT Specification 1.0), in which there is a `LUT_3D_SIZE`.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid), which says what is wrong on which line.
    pub fn parse(text: &str) -> Result<Self> {
        cube::parse(text)
    }

    /// Reads a `.cube` file.
    ///
    /// # Errors
    /// When the file cannot be read, and as for [`parse`](Self::parse).
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = files::read(path)?;
        Self::parse(&String::from_utf8_lossy(&text)).map_err(|error| files::at(path, error))
    }

    /// `entries` are `size`³ finite colours, and the domain's ends differ.
    pub(super) fn new(size: usize, entries: Vec<[f32; 4]>, domain: [[f32; 3]; 2]) -> Self {
        debug_assert_eq!(entries.len(), size.pow(3));
        Self {
            size,
            entries,
            domain,
        }
    }

    /// How many entries there are along an edge.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// What becomes of a colour; one outside of the table's domain is taken to its border.
    #[must_use]
    pub fn apply(&self, colour: [f32; 3]) -> [f32; 3] {
        let [r, g, b] = [0, 1, 2].map(|channel| self.place(channel, colour[channel]));
        let [red, green, blue, _] = self.at([r, g, b]);
        [red, green, blue]
    }

    /// Where a level of a channel is in the table.
    pub(super) fn place(&self, channel: usize, level: f32) -> Place {
        let [low, high] = self.domain.map(|end| end[channel]);
        let last = (self.size - 1) as f32;
        let at = (level - low) / (high - low) * last;
        // Also for what is no number.
        let at = if at > 0.0 { at.min(last) } else { 0.0 };
        let entry = (at as usize).min(self.size - 2);
        let stride = self.size.pow(channel as u32);
        Place {
            offset: entry * stride,
            stride,
            fraction: at - entry as f32,
        }
    }

    /// The colour between the entries.
    #[inline]
    pub(super) fn at(&self, [r, g, b]: [Place; 3]) -> [f32; 4] {
        let start = r.offset + g.offset + b.offset;
        // From the nearest corner to the farthest, along the channels in the order of their fractions.
        let (mut first, mut second, mut third) = (r, g, b);
        if first.fraction < second.fraction {
            std::mem::swap(&mut first, &mut second);
        }
        if second.fraction < third.fraction {
            std::mem::swap(&mut second, &mut third);
        }
        if first.fraction < second.fraction {
            std::mem::swap(&mut first, &mut second);
        }
        let corners = [
            start,
            start + first.stride,
            start + first.stride + second.stride,
            start + first.stride + second.stride + third.stride,
        ];
        let weights = [
            1.0 - first.fraction,
            first.fraction - second.fraction,
            second.fraction - third.fraction,
            third.fraction,
        ];
        let mut sum = [0.0; 4];
        for (corner, weight) in corners.into_iter().zip(weights) {
            for (sum, value) in sum.iter_mut().zip(self.entries[corner]) {
                *sum += weight * value;
            }
        }
        sum
    }
}

/// Where a level is along one edge of a table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    offset: usize,
    stride: usize,
    fraction: f32,
}

impl fmt::Debug for Lut3d {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, domain, .. } = self;
        f.debug_struct("Lut3d")
            .field("size", size)
            .field("domain", domain)
            .finish_non_exhaustive()
    }
}
