//! Lines of luma and colour differences to packed rows.

use std::arch::x86_64::*;

use super::{both, load_8_samples, load_samples, store, store_half};
use crate::actors::convert::tile::{Line, Tile};

const NONE: u8 = 0x80;

/// The samples from `at` on, when there are so many.
fn at<const N: usize>(line: &Line, at: usize) -> Option<&[i16; N]> {
    line.get(at..)?.first_chunk()
}

#[target_feature(enable = "avx2")]
pub fn uyvy(tile: &Tile, bytes: &mut [u8], count: usize) -> usize {
    let [y, u, v] = &tile.lines;
    let lines = y
        .as_chunks::<16>()
        .0
        .iter()
        .zip(u.as_chunks::<8>().0)
        .zip(v.as_chunks::<8>().0);
    let mut done = 0;
    for (out, ((y, u), v)) in bytes
        .as_chunks_mut::<32>()
        .0
        .iter_mut()
        .zip(lines)
        .take(count / 16)
    {
        let (u, v) = (load_8_samples(u), load_8_samples(v));
        let colour = _mm256_set_m128i(_mm_unpackhi_epi16(u, v), _mm_unpacklo_epi16(u, v));
        let luma = _mm256_slli_epi16::<8>(load_samples(y));
        store(out, _mm256_or_si256(luma, colour));
        done += 16;
    }
    done
}

/// Two groups of 6 pixels at a time, from 8 samples of luma and 4 of each colour difference.
#[target_feature(enable = "avx2")]
pub fn v210(tile: &Tile, bytes: &mut [u8], count: usize) -> usize {
    // In each word, the lowest, the middle and the highest sample, of luma (Y0 … Y5) or of colour (U0 U1 U2 _
    // V0 V1 V2 _).
    let shuffle = |samples: [Option<u8>; 4]| {
        let mut bytes = [NONE; 16];
        for (word, sample) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(samples) {
            if let Some(index) = sample {
                [word[0], word[1]] = [index * 2, index * 2 + 1];
            }
        }
        both(bytes)
    };
    let luma_at = [
        shuffle([None, Some(1), None, Some(4)]),
        shuffle([Some(0), None, Some(3), None]),
        shuffle([None, Some(2), None, Some(5)]),
    ];
    let colour_at = [
        shuffle([Some(0), None, Some(5), None]),
        shuffle([None, Some(1), None, Some(6)]),
        shuffle([Some(4), None, Some(2), None]),
    ];
    let [y, u, v] = &tile.lines;
    let mut done = 0;
    for out in bytes.as_chunks_mut::<32>().0.iter_mut().take(count / 12) {
        let groups = (group(y, u, v, done), group(y, u, v, done + 6));
        let (Some((low_luma, low_colour)), Some((high_luma, high_colour))) = groups else {
            break;
        };
        let luma = _mm256_set_m128i(high_luma, low_luma);
        let colour = _mm256_set_m128i(high_colour, low_colour);
        let first = picked(luma, luma_at[0], colour, colour_at[0]);
        let second = picked(luma, luma_at[1], colour, colour_at[1]);
        let third = picked(luma, luma_at[2], colour, colour_at[2]);
        let words = _mm256_or_si256(
            _mm256_or_si256(first, _mm256_slli_epi32::<10>(second)),
            _mm256_slli_epi32::<20>(third),
        );
        store(out, words);
        done += 12;
    }
    done
}

/// The luma and the colour of the 6 pixels from `from` on.
#[inline]
#[target_feature(enable = "avx2")]
fn group(y: &Line, u: &Line, v: &Line, from: usize) -> Option<(__m128i, __m128i)> {
    let luma = load_8_samples(at(y, from)?);
    let u = load_8_samples(at(u, from / 2)?);
    let v = load_8_samples(at(v, from / 2)?);
    Some((luma, _mm_unpacklo_epi64(u, v)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn picked(luma: __m256i, luma_at: __m256i, colour: __m256i, colour_at: __m256i) -> __m256i {
    _mm256_or_si256(
        _mm256_shuffle_epi8(luma, luma_at),
        _mm256_shuffle_epi8(colour, colour_at),
    )
}

/// 16 pixels at a time: 8 groups of 5 bytes.
#[target_feature(enable = "avx2")]
pub fn uyvp(tile: &Tile, bytes: &mut [u8], count: usize) -> usize {
    let [y, u, v] = &tile.lines;
    let first_above = _mm256_set1_epi32(1 << 16 | 1 << 10); // U · 1024 + Y
    let low = _mm256_set1_epi64x(0xFFFF_FFFF);
    let to_bytes = both([
        4, 3, 2, 1, 0, 12, 11, 10, 9, 8, NONE, NONE, NONE, NONE, NONE, NONE,
    ]);
    let lines = y
        .as_chunks::<16>()
        .0
        .iter()
        .zip(u.as_chunks::<8>().0)
        .zip(v.as_chunks::<8>().0);
    let mut done = 0;
    for ((y, u), v) in lines.take(count / 16) {
        // 40 bytes count; the last store writes 6 more, which the next writes over.
        let Some(out) = bytes
            .get_mut(done / 2 * 5..)
            .and_then(|out| out.first_chunk_mut::<46>())
        else {
            break;
        };
        let (u, v) = (load_8_samples(u), load_8_samples(v));
        let luma = load_samples(y);
        let colours = [_mm_unpacklo_epi16(u, v), _mm_unpackhi_epi16(u, v)];
        let lumas = [
            _mm256_castsi256_si128(luma),
            _mm256_extracti128_si256::<1>(luma),
        ];
        for (half, (colour, luma)) in colours.into_iter().zip(lumas).enumerate() {
            // U Y V Y U Y V Y of 4 pixels in each half.
            let samples = _mm256_set_m128i(
                _mm_unpackhi_epi16(colour, luma),
                _mm_unpacklo_epi16(colour, luma),
            );
            let twenties = _mm256_madd_epi16(samples, first_above);
            let forties = _mm256_or_si256(
                _mm256_slli_epi64::<20>(_mm256_and_si256(twenties, low)),
                _mm256_srli_epi64::<32>(twenties),
            );
            let packed = _mm256_shuffle_epi8(forties, to_bytes);
            store_at(out, half * 20, _mm256_castsi256_si128(packed));
            store_at(out, half * 20 + 10, _mm256_extracti128_si256::<1>(packed));
        }
        done += 16;
    }
    done
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_at(out: &mut [u8; 46], at: usize, value: __m128i) {
    if let Some(out) = out[at..].first_chunk_mut() {
        store_half(out, value);
    }
}
