//! From rows of bytes to lines of luma and colour differences, one colour difference for two pixels.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::tile::{Line, Tile};

/// One byte a sample.
pub(super) fn planar(bytes: &[u8], line: &mut Line, count: usize) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::plain::unpack_planar(bytes, line, count) };
    }
    plain_planar(bytes, line, count);
}

#[inline(always)]
pub(super) fn plain_planar(bytes: &[u8], line: &mut Line, count: usize) {
    for (sample, &byte) in line[..count].iter_mut().zip(bytes) {
        *sample = byte.into();
    }
}

/// U and V in turn; `count` of each.
pub(super) fn in_turn(bytes: &[u8], u: &mut Line, v: &mut Line, count: usize) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::plain::unpack_in_turn(bytes, u, v, count) };
    }
    plain_in_turn(bytes, u, v, count);
}

#[inline(always)]
pub(super) fn plain_in_turn(bytes: &[u8], u: &mut Line, v: &mut Line, count: usize) {
    let lines = u[..count].iter_mut().zip(&mut v[..count]);
    for ((u, v), &[first, second]) in lines.zip(bytes.as_chunks().0) {
        (*u, *v) = (first.into(), second.into());
    }
}

/// U Y V Y, 8 bits each.
pub(super) fn uyvy(bytes: &[u8], tile: &mut Tile, count: usize) {
    let done = avx2_uyvy(bytes, tile, count);
    let [y, u, v] = &mut tile.lines;
    let groups = bytes.as_chunks().0.iter().enumerate();
    for (at, &[first, second, third, fourth]) in groups.take(count.div_ceil(2)).skip(done / 2) {
        (u[at], v[at]) = (first.into(), third.into());
        (y[2 * at], y[2 * at + 1]) = (second.into(), fourth.into());
    }
}

/// Three samples in each little-endian word: U Y V, Y U Y, V Y U, Y V Y.
pub(super) fn v210(bytes: &[u8], tile: &mut Tile, count: usize) {
    let done = avx2_v210(bytes, tile, count);
    let [y, u, v] = &mut tile.lines;
    let groups = bytes.as_chunks::<16>().0.iter().enumerate();
    for (at, group) in groups.take(count.div_ceil(6)).skip(done / 6) {
        let word = |index: usize| {
            let bytes = [0, 1, 2, 3].map(|byte| group[index * 4 + byte]);
            let word = u32::from_le_bytes(bytes);
            [word, word >> 10, word >> 20].map(|value| (value & 0x3FF) as i16)
        };
        let ([u0, y0, v0], [y1, u1, y2]) = (word(0), word(1));
        let ([v1, y3, u2], [y4, v2, y5]) = (word(2), word(3));
        y[at * 6..][..6].copy_from_slice(&[y0, y1, y2, y3, y4, y5]);
        u[at * 3..][..3].copy_from_slice(&[u0, u1, u2]);
        v[at * 3..][..3].copy_from_slice(&[v0, v1, v2]);
    }
}

/// U Y V Y of 10 bits each in five bytes, the most significant bit first.
pub(super) fn uyvp(bytes: &[u8], tile: &mut Tile, count: usize) {
    let done = avx2_uyvp(bytes, tile, count);
    let [y, u, v] = &mut tile.lines;
    let groups = bytes.as_chunks().0.iter().enumerate();
    for (at, &[a, b, c, d, e]) in groups.take(count.div_ceil(2)).skip(done / 2) {
        let [a, b, c, d, e] = [a, b, c, d, e].map(i16::from);
        u[at] = a << 2 | b >> 6;
        y[2 * at] = (b & 0x3F) << 4 | c >> 4;
        v[at] = (c & 0x0F) << 6 | d >> 2;
        y[2 * at + 1] = (d & 0x03) << 8 | e;
    }
}

/// How many of the pixels are done by vectors: as many as make whole groups.
fn avx2_uyvy(bytes: &[u8], tile: &mut Tile, count: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::unpack::uyvy(bytes, tile, count) };
    }
    0
}

fn avx2_v210(bytes: &[u8], tile: &mut Tile, count: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::unpack::v210(bytes, tile, count) };
    }
    0
}

fn avx2_uyvp(bytes: &[u8], tile: &mut Tile, count: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as the line above found.
        return unsafe { avx2::unpack::uyvp(bytes, tile, count) };
    }
    0
}
