//! The bytes that a device sends, and the frames that they become.

use crate::actors::images;
use crate::message::{PixelFormat, VideoFrame};
use crate::{Error, Result};

/// How a device writes pixels down, those first that are the least work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Encoding {
    Uyvy,
    /// As `Uyvy` with luma first.
    Yuyv,
    Nv12,
    I420,
    Rgb,
    Grey,
    /// A JPEG a picture, "motion JPEG".
    Jpeg,
}

impl Encoding {
    pub(super) const ALL: [Self; 7] = [
        Self::Uyvy,
        Self::Yuyv,
        Self::Nv12,
        Self::I420,
        Self::Rgb,
        Self::Grey,
        Self::Jpeg,
    ];

    /// What V4L2 calls it.
    pub(super) const fn fourcc(self) -> [u8; 4] {
        *match self {
            Self::Uyvy => b"UYVY",
            Self::Yuyv => b"YUYV",
            Self::Nv12 => b"NV12",
            Self::I420 => b"YU12",
            Self::Rgb => b"RGB3",
            Self::Grey => b"GREY",
            Self::Jpeg => b"MJPG",
        }
    }

    /// The one that V4L2 calls so, if it is known here.
    pub(super) fn of(fourcc: [u8; 4]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.fourcc() == fourcc)
    }

    /// The format of the frames; `None` for a JPEG, which says so itself.
    fn format(self) -> Option<PixelFormat> {
        match self {
            Self::Uyvy | Self::Yuyv => Some(PixelFormat::Uyvy),
            Self::Nv12 => Some(PixelFormat::Nv12),
            Self::I420 => Some(PixelFormat::I420),
            Self::Rgb => Some(PixelFormat::Rgb8),
            Self::Grey => Some(PixelFormat::Gray8),
            Self::Jpeg => None,
        }
    }
}

/// Makes `frame` the picture of `size` (width, height) that `bytes` hold, in rows of `stride` bytes.
///
/// # Errors
/// [`Error::Invalid`] when there are fewer bytes than the picture has, or they are no JPEG.
pub(super) fn unpack(
    encoding: Encoding,
    bytes: &[u8],
    stride: usize,
    size: (u32, u32),
    frame: &mut VideoFrame,
) -> Result<()> {
    let Some(format) = encoding.format() else {
        return images::decode_jpeg_into(bytes, Some(size), frame);
    };
    frame.reset(format, size.0, size.1)?;
    let mut rest = bytes;
    for (number, mut plane) in frame.planes_mut().enumerate() {
        // U and V of I420 lie in rows half as long as those of Y.
        let stride = if format == PixelFormat::I420 && number > 0 {
            stride / 2
        } else {
            stride
        };
        let row_len = plane.row_len();
        for row in plane.rows_mut() {
            let stride = stride.max(row_len);
            let Some(source) = rest.get(..row_len) else {
                return Err(Error::invalid(
                    "the camera's picture",
                    format_args!("{} bytes", bytes.len()),
                    format!("enough for {} × {} pixels of {format}", size.0, size.1),
                ));
            };
            // The last row may end where its pixels do.
            rest = &rest[stride.min(rest.len())..];
            row.copy_from_slice(source);
            if encoding == Encoding::Yuyv {
                for [luma, chroma] in row.as_chunks_mut::<2>().0 {
                    std::mem::swap(luma, chroma);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unpacked(
        encoding: Encoding,
        bytes: &[u8],
        stride: usize,
        size: (u32, u32),
    ) -> Result<Vec<u8>> {
        let mut frame = VideoFrame::default();
        unpack(encoding, bytes, stride, size, &mut frame)?;
        Ok(frame.pixels().to_vec())
    }

    #[test]
    fn rows_lose_their_gaps_and_luma_comes_second() {
        let bytes = [1, 2, 3, 4, 0, 0, 5, 6, 7, 8];
        assert_eq!(
            unpacked(Encoding::Yuyv, &bytes, 6, (2, 2)).unwrap(),
            [2, 1, 4, 3, 6, 5, 8, 7]
        );
        assert_eq!(
            unpacked(Encoding::Uyvy, &bytes, 6, (2, 2)).unwrap(),
            [1, 2, 3, 4, 5, 6, 7, 8]
        );
        let planes = [1, 2, 0, 0, 3, 4, 0, 0, 5, 0, 6, 0];
        assert_eq!(
            unpacked(Encoding::I420, &planes, 4, (2, 2)).unwrap(),
            [1, 2, 3, 4, 5, 6]
        );
    }

    #[test]
    fn what_is_no_jpeg_is_refused() {
        let no_jpeg = unpacked(Encoding::Jpeg, &[0xFF, 0xD8, 0xFF, 0], 0, (2, 2));
        assert!(no_jpeg.is_err());
    }

    #[test]
    fn every_encoding_has_a_name_of_its_own() {
        for encoding in Encoding::ALL {
            assert_eq!(Encoding::of(encoding.fourcc()), Some(encoding));
        }
        assert_eq!(Encoding::of(*b"H264"), None);
    }

    proptest! {
        /// A driver that is wrong about its strides or its bytes makes an error at most.
        #[test]
        fn whatever_comes_there_is_a_frame_or_an_error(
            which in 0_usize..7,
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            stride in 0_usize..40, width in 0_u32..12, height in 0_u32..12,
        ) {
            let encoding = Encoding::ALL[which];
            let mut frame = VideoFrame::default();
            if unpack(encoding, &bytes, stride, (width, height), &mut frame).is_ok() {
                prop_assert!(frame.pixels().len() <= bytes.len() || encoding == Encoding::Jpeg);
            }
        }
    }
}
