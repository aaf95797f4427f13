//! From lines of luma and colour differences to rows of bytes.
//!
//! Where a group holds more pixels than are left, the last one is written again.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::tile::{Line, Tile};

/// One byte a sample.
pub(in crate::actors) fn planar(line: &Line, bytes: &mut [u8], count: usize) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::plain::pack_planar(line, bytes, count) };
    }
    plain_planar(line, bytes, count);
}

#[inline(always)]
pub(super) fn plain_planar(line: &Line, bytes: &mut [u8], count: usize) {
    for (byte, &sample) in bytes.iter_mut().zip(&line[..count]) {
        *byte = sample as u8;
    }
}

/// U and V in turn; `count` of each.
pub(super) fn in_turn(u: &Line, v: &Line, bytes: &mut [u8], count: usize) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::plain::pack_in_turn(u, v, bytes, count) };
    }
    plain_in_turn(u, v, bytes, count);
}

#[inline(always)]
pub(super) fn plain_in_turn(u: &Line, v: &Line, bytes: &mut [u8], count: usize) {
    let samples = u[..count].iter().zip(v);
    for (pair, (&u, &v)) in bytes.as_chunks_mut().0.iter_mut().zip(samples) {
        *pair = [u as u8, v as u8];
    }
}

/// Writes the last of `count` pixels again until there are a multiple of `group`, which is even.
fn fill_up(tile: &mut Tile, count: usize, group: usize) {
    let [y, u, v] = &mut tile.lines;
    let (last, whole) = (count - 1, count.next_multiple_of(group));
    let (last_y, last_u, last_v) = (y[last], u[last / 2], v[last / 2]);
    y[count..whole].fill(last_y);
    u[count.div_ceil(2)..whole / 2].fill(last_u);
    v[count.div_ceil(2)..whole / 2].fill(last_v);
}

/// U Y V Y, 8 bits each.
pub(super) fn uyvy(tile: &mut Tile, bytes: &mut [u8], count: usize) {
    fill_up(tile, count, 2);
    let done = avx2_uyvy(tile, bytes, count);
    let [y, u, v] = &tile.lines;
    let groups = bytes.as_chunks_mut().0.iter_mut().enumerate();
    for (at, group) in groups.take(count.div_ceil(2)).skip(done / 2) {
        *group = [u[at], y[2 * at], v[at], y[2 * at + 1]].map(|sample| sample as u8);
    }
}

/// Three samples in each little-endian word: U Y V, Y U Y, V Y U, Y V Y.
pub(super) fn v210(tile: &mut Tile, bytes: &mut [u8], count: usize) {
    fill_up(tile, count, 6);
    let done = avx2_v210(tile, bytes, count);
    let [y, u, v] = &tile.lines;
    let word = |samples: [i16; 3]| {
        let [a, b, c] = samples.map(|sample| sample as u32);
        (a | b << 10 | c << 20).to_le_bytes()
    };
    let groups = bytes.as_chunks_mut::<16>().0.iter_mut().enumerate();
    for (at, group) in groups.take(count.div_ceil(6)).skip(done / 6) {
        let (y, u, v) = (&y[at * 6..], &u[at * 3..], &v[at * 3..]);
        let words = [
            word([u[0], y[0], v[0]]),
            word([y[1], u[1], y[2]]),
            word([v[1], y[3], u[2]]),
            word([y[4], v[2], y[5]]),
        ];
        group.as_chunks_mut::<4>().0.copy_from_slice(&words);
    }
}

/// U Y V Y of 10 bits each in five bytes, the most significant bit first.
pub(super) fn uyvp(tile: &mut Tile, bytes: &mut [u8], count: usize) {
    fill_up(tile, count, 2);
    let done = avx2_uyvp(tile, bytes, count);
    let [y, u, v] = &tile.lines;
    let groups = bytes.as_chunks_mut().0.iter_mut().enumerate();
    for (at, group) in groups.take(count.div_ceil(2)).skip(done / 2) {
        let [a, b, c, d] = [u[at], y[2 * at], v[at], y[2 * at + 1]].map(|sample| sample as u16);
        *group =
            [a >> 2, a << 6 | b >> 4, b << 4 | c >> 6, c << 2 | d >> 8, d].map(|bits| bits as u8);
    }
}

/// How many of the pixels are done by vectors: as many as make whole groups.
fn avx2_uyvy(tile: &Tile, bytes: &mut [u8], count: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::pack::uyvy(tile, bytes, count) };
    }
    0
}

fn avx2_v210(tile: &Tile, bytes: &mut [u8], count: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::pack::v210(tile, bytes, count) };
    }
    0
}

fn avx2_uyvp(tile: &Tile, bytes: &mut [u8], count: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::pack::uyvp(tile, bytes, count) };
    }
    0
}
