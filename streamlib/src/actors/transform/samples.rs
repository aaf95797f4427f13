//! A picture whose pixels share colours in a way that does not fit the transformation: each pixel gets its own first, and
//! where pixels share in the result it is their mean.

use super::mapping::{Mapping, Part};
use crate::actors::convert::rows::{Source, Target};
use crate::actors::convert::tile::{TILE, Tile};

/// Luma and colour differences of each pixel of a part.
pub(super) struct Samples {
    planes: [Vec<i16>; 3],
    tile: Box<Tile>,
}

impl Samples {
    pub fn new() -> Self {
        Self {
            planes: [const { Vec::new() }; 3],
            tile: Box::new(Tile::new()),
        }
    }

    /// Writes `to` with `part` of `from`, a picture `width` pixels wide. `map` is for a part at 0, 0.
    pub fn transform(
        &mut self,
        part: Part,
        map: &Mapping,
        width: usize,
        from: &Source<'_>,
        to: &mut Target<'_>,
    ) {
        self.read(part, width, from);
        let shared = to.format.subsampling().1 as usize;
        for y in (0..map.height).step_by(shared) {
            let last = (y + shared - 1).min(map.height - 1);
            for x in (0..map.width).step_by(TILE) {
                let count = TILE.min(map.width - x);
                for y in y..=last {
                    for (index, sample) in self.tile.lines[0][..count].iter_mut().enumerate() {
                        *sample = at(&self.planes[0], part, map, x + index, y);
                    }
                    to.pack_luma(y, x, count, &self.tile);
                }
                for (plane, line) in self.planes.iter().zip(&mut self.tile.lines).skip(1) {
                    for (index, sample) in line[..count.div_ceil(2)].iter_mut().enumerate() {
                        let left = x + 2 * index;
                        let right = (left + 1).min(map.width - 1);
                        let sum = at(plane, part, map, left, y)
                            + at(plane, part, map, right, y)
                            + at(plane, part, map, left, last)
                            + at(plane, part, map, right, last);
                        *sample = (sum + 2) >> 2;
                    }
                }
                to.pack_rest(y, x, count, &mut self.tile);
            }
        }
    }

    fn read(&mut self, part: Part, width: usize, from: &Source<'_>) {
        for plane in &mut self.planes {
            plane.resize(part.width * part.height, 0);
        }
        let shared = from.format.subsampling().1 as usize;
        for y in 0..part.height {
            let from_y = part.y + y;
            for tile_x in (0..width).step_by(TILE) {
                let (start, end) = (part.x.max(tile_x), (part.x + part.width).min(tile_x + TILE));
                if start >= end {
                    continue;
                }
                let count = TILE.min(width - tile_x);
                from.unpack_luma(from_y, tile_x, count, &mut self.tile);
                if shared > 1 {
                    let half = count.div_ceil(2);
                    from.unpack_chroma(from_y / shared, tile_x / 2, half, &mut self.tile);
                }
                for (index, plane) in self.planes.iter_mut().enumerate() {
                    let row = &mut plane[y * part.width + start - part.x..][..end - start];
                    let line = &self.tile.lines[index];
                    for (x, sample) in (start - tile_x..).zip(row) {
                        *sample = if index == 0 { line[x] } else { line[x / 2] };
                    }
                }
            }
        }
    }
}

fn at(plane: &[i16], part: Part, map: &Mapping, x: usize, y: usize) -> i16 {
    let (x, y) = map.at(x, y);
    plane[y * part.width + x]
}
