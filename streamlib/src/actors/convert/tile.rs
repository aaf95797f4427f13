//! A tile: the samples of some columns of a row, as 16-bit numbers in three planes.

/// The most columns that are worked on together: so few that all the samples of two rows stay in the
/// first-level cache, and a multiple of the 2, 6 and 48 pixels that formats group and of 32 for vectors.
pub(in crate::actors) const TILE: usize = 960;

/// Samples behind the last that a kernel may write to, so that it needs no care at its end.
pub(in crate::actors) const SLACK: usize = 32;

/// One plane of a tile.
pub(in crate::actors) type Line = [i16; TILE + SLACK];

/// Three planes of samples: red, green, blue, or luma and the two colour differences. How many of them
/// mean something, the one who fills them knows.
pub(in crate::actors) struct Tile {
    pub lines: [Line; 3],
}

impl Tile {
    pub fn new() -> Self {
        Self {
            lines: [[0; TILE + SLACK]; 3],
        }
    }
}
