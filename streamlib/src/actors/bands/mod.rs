//! Pictures worked on in bands of rows by several threads, where one core cannot hold the rate.
//!
//! An actor has a [`Splitter`], which looks at what its last pictures took: small ones are never split. The threads
//! ([`crew`]) are the program's, made when a picture is first split; no tick makes one. A band is made of the source as
//! the whole picture is, so that the result is the same to the bit.

mod crew;
mod splitter;

pub(super) use splitter::{MOST, Splitter};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::actors::{Converter, Filter, Scaler};
    use crate::message::{FieldOrder, PixelFormat, VideoFrame};

    prop_compose! {
        fn picture()(
            format in prop::sample::select(PixelFormat::ALL),
            (width, height) in (1..90_u32, 1..70_u32),
            is_interlaced: bool,
            opaque in 0..70_usize,
            seed in any::<u64>(),
        ) -> VideoFrame {
            let mut frame = VideoFrame::new(format, width, height).expect("a possible size");
            let mut noise = seed | 1;
            for byte in frame.pixels_mut() {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                *byte = (noise >> 40) as u8;
            }
            if format.has_alpha() {
                for row in frame.rows_mut().skip(opaque).take(20) {
                    row.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = 255);
                }
            }
            if is_interlaced {
                frame.set_field_order(FieldOrder::TopFirst);
            }
            frame
        }
    }

    /// Another frame of that format and size, every byte the same.
    fn blank(format: PixelFormat, (width, height): (u32, u32)) -> VideoFrame {
        let mut frame = VideoFrame::new(format, width, height).expect("a possible size");
        frame.pixels_mut().fill(77);
        frame
    }

    proptest! {
        #[test]
        fn bands_are_scaled_to_the_same_bits_as_the_whole(
            from in picture(),
            size in (1..60_u32, 1..60_u32),
            filter in prop::sample::select(&[Filter::Box, Filter::Bilinear, Filter::Lanczos]),
            bands in 2..=MOST,
        ) {
            let mut whole = blank(from.format(), size);
            Scaler::new(filter).scale(&from, &mut whole)?;
            let mut split = blank(from.format(), size);
            Scaler::new(filter).scale_in_bands(&from, &mut split, &mut Splitter::of(bands))?;
            prop_assert_eq!(whole.pixels(), split.pixels());
        }

        #[test]
        fn bands_are_converted_to_the_same_bits_as_the_whole(
            from in picture(),
            format in prop::sample::select(PixelFormat::ALL),
            bands in 2..=MOST,
        ) {
            let mut whole = blank(format, from.dimensions());
            Converter::new().convert(&from, &mut whole)?;
            let mut split = blank(format, from.dimensions());
            Converter::new().convert_in_bands(&from, &mut split, &mut Splitter::of(bands))?;
            prop_assert_eq!(whole.pixels(), split.pixels());
        }
    }
}
