//! Plain loops that the compiler makes vectors of, with AVX2 at its hands.

use crate::actors::convert::affine::{Row, plain_apply, plain_scale};
use crate::actors::convert::tile::{Line, Tile};
use crate::actors::convert::{pack, unpack};

#[target_feature(enable = "avx2")]
pub fn apply(row: &Row, input: &Tile, out: &mut Line, count: usize) {
    plain_apply(row, input, out, count);
}

#[target_feature(enable = "avx2")]
pub fn scale(row: &Row, index: usize, line: &mut Line, count: usize) {
    plain_scale(row, index, line, count);
}

#[target_feature(enable = "avx2")]
pub fn unpack_planar(bytes: &[u8], line: &mut Line, count: usize) {
    unpack::plain_planar(bytes, line, count);
}

#[target_feature(enable = "avx2")]
pub fn unpack_in_turn(bytes: &[u8], u: &mut Line, v: &mut Line, count: usize) {
    unpack::plain_in_turn(bytes, u, v, count);
}

#[target_feature(enable = "avx2")]
pub fn pack_planar(line: &Line, bytes: &mut [u8], count: usize) {
    pack::plain_planar(line, bytes, count);
}

#[target_feature(enable = "avx2")]
pub fn pack_in_turn(u: &Line, v: &Line, bytes: &mut [u8], count: usize) {
    pack::plain_in_turn(u, v, bytes, count);
}
