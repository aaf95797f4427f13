//! A picture, and where and how strongly it is laid.

use std::ops::Range;

use super::Blend;
use crate::message::VideoFrame;

/// A weight of 1.
pub(in crate::actors) const FULL: u16 = u16::MAX;

/// A share from 0 to 1 as a weight; what is outside, or no number, is brought inside.
pub(in crate::actors) fn weight(share: f32) -> u16 {
    (share * f32::from(FULL)).round() as u16 // saturates, and is 0 for NaN
}

/// A picture, and where and how strongly it is laid. The place is within the canvas, the part within the
/// picture.
#[derive(Clone, Debug)]
pub(in crate::actors) struct Placed {
    pub frame: VideoFrame,
    /// The left and upper edge on the canvas.
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
    /// What of the picture comes to lie there.
    pub from_x: usize,
    pub from_y: usize,
    /// None of its pixels is clear, not even a little.
    pub opaque: bool,
    pub blend: Blend,
    /// How much it hides of what is under it.
    pub cover: u16,
    /// How much of its own light comes through: less than `cover` while it fades to black.
    pub light: u16,
}

impl Placed {
    /// Nothing of what is under it can be seen.
    pub fn is_opaque(&self) -> bool {
        self.blend == Blend::Over && self.cover == FULL && self.opaque
    }

    /// It is a picture as it came, neither faded nor transparent.
    pub fn is_plain(&self) -> bool {
        self.is_opaque() && self.light == FULL
    }

    /// Whether it lies on these columns of row `y`, all of them.
    pub fn covers(&self, y: usize, columns: &Range<usize>) -> bool {
        self.rows().contains(&y) && self.x <= columns.start && columns.end <= self.x + self.width
    }

    /// The first of its two edges behind column `x` of row `y`; none on which it does not lie.
    pub fn edge(&self, y: usize, x: usize) -> Option<usize> {
        let edges = [self.x, self.x + self.width];
        let behind = edges.into_iter().find(|&edge| edge > x);
        behind.filter(|_| self.rows().contains(&y))
    }

    fn rows(&self) -> Range<usize> {
        self.y..self.y + self.height
    }

    /// The bytes of its first plane that lie on these columns of row `y`; none if the picture has no such.
    pub fn pixels(&self, y: usize, columns: &Range<usize>, bytes_a_pixel: usize) -> &[u8] {
        let row = (y + self.from_y).wrapping_sub(self.y);
        let start = (columns.start + self.from_x).wrapping_sub(self.x);
        let bytes =
            start.wrapping_mul(bytes_a_pixel)..(start + columns.len()).wrapping_mul(bytes_a_pixel);
        let row = self.frame.row(row as u32);
        row.and_then(|row| row.get(bytes)).unwrap_or_default()
    }

    /// Whether it looks the same as `other`, without a look at the pixels.
    pub fn is_same(&self, other: &Self) -> bool {
        let place = |of: &Self| {
            (
                (of.x, of.y, of.width, of.height, of.from_x, of.from_y),
                (of.blend, of.cover, of.light),
            )
        };
        place(self) == place(other) && self.frame.shows_the_same_as(&other.frame)
    }
}
