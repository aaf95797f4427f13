//! Packed luma and colour differences to lines.

use std::arch::x86_64::*;

use super::{both, in_order, load, load_halves, store_8_samples, store_samples};
use crate::actors::convert::tile::{Line, Tile};

const NONE: u8 = 0x80;

/// The 16 samples at `at`, when they are there.
fn room<const N: usize>(line: &mut Line, at: usize) -> Option<&mut [i16; N]> {
    line.get_mut(at..)?.first_chunk_mut()
}

/// Of 32-bit lanes with one sample below and one above, the lower ones and the upper ones.
#[inline]
#[target_feature(enable = "avx2")]
fn apart(first: __m256i, second: __m256i) -> [__m256i; 2] {
    let low = _mm256_set1_epi32(0xFFFF);
    let u = _mm256_packus_epi32(_mm256_and_si256(first, low), _mm256_and_si256(second, low));
    let v = _mm256_packus_epi32(
        _mm256_srli_epi32::<16>(first),
        _mm256_srli_epi32::<16>(second),
    );
    [in_order(u), in_order(v)]
}

#[target_feature(enable = "avx2")]
pub fn uyvy(bytes: &[u8], tile: &mut Tile, count: usize) -> usize {
    let [y, u, v] = &mut tile.lines;
    let low = _mm256_set1_epi16(0xFF);
    let mut done = 0;
    for group in bytes.as_chunks::<64>().0.iter().take(count / 32) {
        let (halves, _) = group.as_chunks::<32>();
        let [first, second] = [load(&halves[0]), load(&halves[1])];
        let colours = apart(_mm256_and_si256(first, low), _mm256_and_si256(second, low));
        let places = (room(y, done), room(u, done / 2), room(v, done / 2));
        let (Some(out_y), Some(out_u), Some(out_v)) = places else {
            break;
        };
        store_samples(out_y, _mm256_srli_epi16::<8>(first));
        store_samples(out_u, colours[0]);
        store_samples(out_v, colours[1]);
        let Some(out_y) = room(y, done + 16) else {
            break;
        };
        store_samples(out_y, _mm256_srli_epi16::<8>(second));
        done += 32;
    }
    done
}

/// Two groups of 6 pixels at a time. What is stored beyond the 6 or 3 samples of a group, the next store
/// writes over.
#[target_feature(enable = "avx2")]
pub fn v210(bytes: &[u8], tile: &mut Tile, count: usize) -> usize {
    // Where the samples of a group are, once the words are apart: `sides` is U0 Y0, Y1 U1, V1 Y3, Y4 V2 and
    // `last` is V0 0, Y2 0, U2 0, Y5 0.
    let at = |index: u8| [index * 2, index * 2 + 1];
    let none = [NONE; 2];
    let shuffle = |samples: [[u8; 2]; 8]| {
        let mut bytes = [0; 16];
        bytes.as_chunks_mut::<2>().0.copy_from_slice(&samples);
        both(bytes)
    };
    let y_of_sides = shuffle([at(1), at(2), none, at(5), at(6), none, none, none]);
    let y_of_last = shuffle([none, none, at(2), none, none, at(6), none, none]);
    let uv_of_sides = shuffle([at(0), at(3), none, none, none, at(4), at(7), none]);
    let uv_of_last = shuffle([none, none, at(4), none, at(0), none, none, none]);
    let (low, middle) = (_mm256_set1_epi32(0x3FF), _mm256_set1_epi32(0x3FF << 16));

    let [y, u, v] = &mut tile.lines;
    let mut done = 0;
    for group in bytes.as_chunks::<32>().0.iter().take(count / 12) {
        let words = load(group);
        let sides = _mm256_or_si256(
            _mm256_and_si256(words, low),
            _mm256_and_si256(_mm256_slli_epi32::<6>(words), middle),
        );
        let last = _mm256_and_si256(_mm256_srli_epi32::<20>(words), low);
        let luma = _mm256_or_si256(
            _mm256_shuffle_epi8(sides, y_of_sides),
            _mm256_shuffle_epi8(last, y_of_last),
        );
        let colour = _mm256_or_si256(
            _mm256_shuffle_epi8(sides, uv_of_sides),
            _mm256_shuffle_epi8(last, uv_of_last),
        );
        let halves = [
            [_mm256_castsi256_si128(luma), _mm256_castsi256_si128(colour)],
            [
                _mm256_extracti128_si256::<1>(luma),
                _mm256_extracti128_si256::<1>(colour),
            ],
        ];
        for [luma, colour] in halves {
            let places = (room(y, done), room(u, done / 2), room(v, done / 2));
            let (Some(out_y), Some(out_u), Some(out_v)) = places else {
                return done - done % 12;
            };
            store_8_samples(out_y, luma);
            store_8_samples(out_u, colour);
            store_8_samples(out_v, _mm_unpackhi_epi64(colour, colour));
            done += 6;
        }
    }
    done
}

/// Of four groups of 5 bytes, the samples: U Y V Y.
#[inline]
#[target_feature(enable = "avx2")]
fn four_groups(bytes: &[u8; 86], start: usize) -> __m256i {
    // The two bytes that each 10-bit sample of two groups is in, as a number with the first byte above.
    let pairs = both([1, 0, 2, 1, 3, 2, 4, 3, 6, 5, 7, 6, 8, 7, 9, 8]);
    // Shifts the sample to the top of its 16 bits.
    let up = _mm256_set1_epi64x(1 | 4 << 16 | 16 << 32 | 64 << 48);
    let halves = (
        bytes[start..].first_chunk(),
        bytes[start + 10..].first_chunk(),
    );
    let (Some(low), Some(high)) = halves else {
        return _mm256_setzero_si256();
    };
    let words = _mm256_shuffle_epi8(load_halves(low, high), pairs);
    _mm256_srli_epi16::<6>(_mm256_mullo_epi16(words, up))
}

#[target_feature(enable = "avx2")]
pub fn uyvp(bytes: &[u8], tile: &mut Tile, count: usize) -> usize {
    let [y, u, v] = &mut tile.lines;
    let mut done = 0;
    while done + 32 <= count {
        // 80 bytes count; the last load takes 6 more.
        let group = bytes
            .get(done / 2 * 5..)
            .and_then(|bytes| bytes.first_chunk::<86>());
        let Some(group) = group else { break };
        // Colour below, luma above in each 32-bit lane.
        let [first_colour, first_luma] = apart(four_groups(group, 0), four_groups(group, 20));
        let [second_colour, second_luma] = apart(four_groups(group, 40), four_groups(group, 60));
        let [all_u, all_v] = apart(first_colour, second_colour);
        let places = (room(y, done), room(u, done / 2), room(v, done / 2));
        let (Some(out_y), Some(out_u), Some(out_v)) = places else {
            break;
        };
        store_samples(out_y, first_luma);
        store_samples(out_u, all_u);
        store_samples(out_v, all_v);
        let Some(out_y) = room(y, done + 16) else {
            break;
        };
        store_samples(out_y, second_luma);
        done += 32;
    }
    done
}
