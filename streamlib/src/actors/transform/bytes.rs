//! A plane whose samples are some bytes each, moved as they are.

use super::mapping::Mapping;
use crate::message::{Plane, PlaneMut};

/// Columns and rows that are moved together, so that the lines of the cache that a turned column meets are still there
/// for the next one.
const BLOCK: usize = 32;

/// Writes `to` with samples of `BYTES` bytes of `from`.
pub(super) fn transform<const BYTES: usize>(map: &Mapping, from: Plane<'_>, to: &mut PlaneMut<'_>) {
    if map.keeps_rows() {
        for (y, to) in to.rows_mut().enumerate() {
            let (x, from_y) = map.at(0, y);
            let from = from.row(from_y).unwrap_or_default();
            to.copy_from_slice(&from[x * BYTES..][..map.width * BYTES]);
        }
        return;
    }
    let (bytes, from_stride, stride) = (from.bytes(), from.stride(), to.stride());
    let to = to.bytes_mut();
    for top in (0..map.height).step_by(BLOCK) {
        for left in (0..map.width).step_by(BLOCK) {
            for y in top..(top + BLOCK).min(map.height) {
                let count = BLOCK.min(map.width - left);
                let row = &mut to[y * stride + left * BYTES..][..count * BYTES];
                for (x, out) in row.as_chunks_mut::<BYTES>().0.iter_mut().enumerate() {
                    let (from_x, from_y) = map.at(left + x, y);
                    let start = from_y * from_stride + from_x * BYTES;
                    if let Some(sample) = bytes[start..].first_chunk() {
                        *out = *sample;
                    }
                }
            }
        }
    }
}
