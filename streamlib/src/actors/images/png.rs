//! PNG, by the `png` crate: eight bits a channel, alpha straight, as frames have it.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use png::{BitDepth, ColorType, Compression, Decoder, DecodingError, Encoder, Transformations};

use super::files::at;
use crate::actors::Converter;
use crate::message::{PixelFormat, VideoFrame};
use crate::{Error, Result};

/// No byte of a PNG becomes more than so many.
const MOST_FROM_A_BYTE: u64 = 1032;

/// Writes `frame` as a PNG into the file `path`, in place of what it held: with its transparency if it has any, other formats
/// as colours. The file appears when it is
/// whole: who reads it meanwhile finds what was there before.
///
/// # Errors
/// [`Error::Invalid`] for an empty frame; [`Error::Io`], with the path, when the file cannot be written.
pub fn save_png(frame: &VideoFrame, path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    let unfinished = unfinished(path);
    let written = fs::File::create(&unfinished)
        .map_err(Error::from)
        .and_then(|file| {
            let mut out = BufWriter::new(file);
            encode_png(frame, &mut out)?;
            Ok(out.flush()?)
        })
        .and_then(|()| Ok(fs::rename(&unfinished, path)?));
    if written.is_err() {
        // It may never have been made; what went wrong before is what counts.
        let _ = fs::remove_file(&unfinished);
    }
    written.map_err(|error| at(path, error))
}

/// A name in the same folder that no other call uses.
fn unfinished(path: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    // Relaxed: only that the numbers differ.
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut name = OsString::from(path);
    name.push(format!(".{}-{number}.part", std::process::id()));
    name.into()
}

/// Reads the PNG file `path`: Rgba8 if it has transparency, else Rgb8. Greys and palettes become
/// colours, 16 bits a channel become 8.
///
/// # Errors
/// [`Error::Io`], with the path, when the file cannot be read; [`Error::Invalid`] when it is no PNG, is
/// damaged, or is larger than a frame can be.
pub fn load_png(path: impl AsRef<Path>) -> Result<VideoFrame> {
    let path = path.as_ref();
    let file = fs::File::open(path).map_err(|error| at(path, error.into()))?;
    decode_png(BufReader::new(file)).map_err(|error| at(path, error))
}

/// Writes `frame` as a PNG into `out`.
///
/// # Errors
/// [`Error::Invalid`] for an empty frame; [`Error::Io`] from `out`.
///
/// ```
/// use streamlib::actors::images;
/// use streamlib::message::{PixelFormat, VideoFrame};
///
/// let frame = VideoFrame::from_pixels(PixelFormat::Rgba8, 1, 1, [1, 2, 3, 128])?;
/// let mut bytes = Vec::new();
/// images::encode_png(&frame, &mut bytes)?;
/// assert_eq!(bytes[1..4], *b"PNG");
/// assert_eq!(images::decode_png(std::io::Cursor::new(bytes))?.pixels(), [1, 2, 3, 128]);
/// # Ok::<(), streamlib::Error>(())
/// ```
pub fn encode_png(frame: &VideoFrame, mut out: impl Write) -> Result<()> {
    if frame.is_empty() {
        return Err(Error::invalid(
            "the picture for a PNG",
            "0 × 0 pixels",
            "one with pixels; the frame is empty",
        ));
    }
    let colour = match frame.format() {
        PixelFormat::Rgb8 => ColorType::Rgb,
        PixelFormat::Rgba8 => ColorType::Rgba,
        other => {
            let format = if other.has_alpha() {
                PixelFormat::Rgba8
            } else {
                PixelFormat::Rgb8
            };
            let mut converted = VideoFrame::new(format, frame.width(), frame.height())?;
            Converter::new().convert(frame, &mut converted)?;
            return encode_png(&converted, &mut out as &mut dyn Write);
        }
    };
    let mut encoder = Encoder::new(out, frame.width(), frame.height());
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    let failed = |error| match error {
        png::EncodingError::IoError(error) => Error::Io(error),
        other => Error::other(other),
    };
    let mut writer = encoder.write_header().map_err(failed)?;
    let mut rows = writer.stream_writer().map_err(failed)?;
    for row in frame.rows() {
        rows.write_all(row)?;
    }
    rows.finish().map_err(failed)?;
    writer.finish().map_err(failed)
}

/// Reads a PNG from `from`, as [`load_png`].
///
/// # Errors
/// [`Error::Io`] from `from`; [`Error::Invalid`] when it is no PNG, is damaged, or says that it is larger than a frame,
/// or than what `from` holds, can be. Memory for its pixels is taken after that.
pub fn decode_png(mut from: impl BufRead + Seek) -> Result<VideoFrame> {
    let start = from.stream_position()?;
    let bytes = from.seek(SeekFrom::End(0))?.saturating_sub(start);
    from.seek(SeekFrom::Start(start))?;
    let damaged = |error| match error {
        DecodingError::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            Error::Io(error)
        }
        other => Error::invalid("the picture", other, "a whole PNG"),
    };
    let mut decoder = Decoder::new(from);
    // Palettes, greys below eight bits and a transparent colour become channels of eight bits.
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(damaged)?;
    let (width, height) = (reader.info().width, reader.info().height);
    let bits = reader.info().bits_per_pixel() as u64;
    if u64::from(width) * u64::from(height) * bits / 8 > bytes.saturating_mul(MOST_FROM_A_BYTE) {
        return Err(Error::invalid(
            "the picture",
            format_args!("{bytes} bytes, which cannot hold {width} × {height} pixels"),
            "a whole PNG",
        ));
    }
    let (colour, _) = reader.output_color_type();
    let format = match colour {
        ColorType::GrayscaleAlpha | ColorType::Rgba => PixelFormat::Rgba8,
        _ => PixelFormat::Rgb8,
    };
    let mut frame = VideoFrame::new(format, width, height)?; // which refuses what is too large
    if matches!(colour, ColorType::Rgb | ColorType::Rgba) {
        reader.next_frame(frame.pixels_mut()).map_err(damaged)?;
        return Ok(frame);
    }
    let greys = colour.samples();
    let mut bytes = vec![0; width as usize * height as usize * greys];
    reader.next_frame(&mut bytes).map_err(damaged)?;
    let channels = format.channels();
    for (pixel, grey) in frame
        .pixels_mut()
        .chunks_exact_mut(channels)
        .zip(bytes.chunks_exact(greys))
    {
        pixel[..3].fill(grey[0]);
        if let [.., alpha] = *grey
            && channels == 4
        {
            pixel[3] = alpha;
        }
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn encoded(colour: ColorType, depth: BitDepth, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, 2, 1);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if colour == ColorType::Indexed {
            encoder.set_palette(&[1, 2, 3, 4, 5, 6][..]);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(bytes).unwrap();
        writer.finish().unwrap();
        out
    }

    #[test]
    fn every_kind_of_png_becomes_colours_of_eight_bits() {
        for (colour, depth, bytes, expected) in [
            (
                ColorType::Grayscale,
                BitDepth::Eight,
                &[7, 9][..],
                &[7, 7, 7, 9, 9, 9][..],
            ),
            (
                ColorType::Grayscale,
                BitDepth::One,
                &[0b0100_0000],
                &[0, 0, 0, 255, 255, 255],
            ),
            (
                ColorType::GrayscaleAlpha,
                BitDepth::Eight,
                &[7, 1, 9, 2],
                &[7, 7, 7, 1, 9, 9, 9, 2],
            ),
            (
                ColorType::Indexed,
                BitDepth::Eight,
                &[1, 0],
                &[4, 5, 6, 1, 2, 3],
            ),
            (
                ColorType::Rgb,
                BitDepth::Sixteen,
                &[1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0],
                &[1, 2, 3, 4, 5, 6],
            ),
        ] {
            let frame = decode_png(Cursor::new(encoded(colour, depth, bytes))).unwrap();
            assert_eq!(frame.pixels(), expected, "{colour:?} {depth:?}");
        }
    }

    #[test]
    fn what_is_no_whole_png_is_refused() {
        let whole = encoded(ColorType::Rgb, BitDepth::Eight, &[1, 2, 3, 4, 5, 6]);
        for length in 0..whole.len() - 12 {
            // The last chunk only says that there are no more.
            let error = decode_png(Cursor::new(&whole[..length])).unwrap_err();
            assert!(error.to_string().contains("a whole PNG"), "{error}");
        }
    }

    /// A PNG of one pixel that says it has this size.
    fn claiming(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = encoded(ColorType::Rgba, BitDepth::Eight, &[1, 2, 3, 4, 5, 6, 7, 8]);
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let mut crc = u32::MAX; // of the chunk's name and what is in it
        for byte in &bytes[12..29] {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1));
            }
        }
        bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
        bytes
    }

    #[test]
    fn one_that_says_it_is_larger_than_it_can_be_is_refused() {
        for (size, reason) in [
            ((60_000, 60_000), "60000 × 60000"),
            ((16_384, 16_384), "which cannot hold 16384 × 16384 pixels"),
            ((u32::MAX, 1), "expected"),
            ((0, 5), "expected"),
        ] {
            let error = decode_png(Cursor::new(claiming(size.0, size.1))).expect_err("refused");
            assert!(error.to_string().contains(reason), "{error}");
        }
        assert!(
            decode_png(Cursor::new(claiming(2, 1))).is_ok(),
            "it was a whole one"
        );
    }
}
