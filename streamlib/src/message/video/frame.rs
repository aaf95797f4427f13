//! A picture, as a handle on pooled memory.

use std::fmt;
use std::sync::Arc;

use super::PixelFormat;
use super::interpretation::Interpretation;
use super::layout::Layout;
use crate::memory::{Buffer, Pool};
use crate::message::{Message, Metadata};
use crate::time::{TimedTick, Timestamp};
use crate::{Error, Result};

/// The widest and the highest that a picture may be.
const MAX_DIMENSION: u32 = 16_384;

/// A picture: `height` rows of `width` pixels in one to three planes, with the time and the number of its
/// frame, and how it is to be shown: [colours](Self::colorimetry), [fields](Self::field_order),
/// [pixel shape](Self::pixel_aspect).
///
/// A frame is a handle. Cloning it counts a reference and copies no pixels. The pixels are changed in
/// place while nobody else holds them; [`pixels_mut`](Self::pixels_mut) on shared ones moves to a copy,
/// so a reader never sees them change. The memory comes from a pool and goes back to it: a frame that is
/// [`reset`](Self::reset) or [`copy_from`](Self::copy_from) another of the same size, again and again,
/// allocates nothing.
///
/// ```
/// use streamlib::message::{PixelFormat, VideoFrame};
///
/// let mut frame = VideoFrame::new(PixelFormat::Rgb8, 320, 180)?;
/// assert_eq!(frame.pixels().len(), 320 * 180 * 3);
///
/// let black = frame.clone();
/// frame.pixels_mut().fill(255);
/// assert_eq!((black.pixels()[0], frame.pixels()[0]), (0, 255));
///
/// // Height × width × channels.
/// assert_eq!(frame.view().shape(), [180, 320, 3]);
/// assert_eq!(frame.view()[[90, 160, 2]], 255);
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// The default frame is empty: 0 × 0 pixels, no memory. That is what a slot holds before its first use.
#[derive(Clone, Default)]
pub struct VideoFrame {
    pub(super) buffer: Buffer,
    format: PixelFormat,
    width: u32,
    height: u32,
    pub(super) layout: Layout,
    pub(super) interpretation: Interpretation,
    timestamp: Timestamp,
    frame_number: u64,
    metadata: Option<Arc<Metadata>>,
}

impl VideoFrame {
    /// A picture of `width` × `height` pixels, every byte 0: black, and transparent if it has alpha. (With
    /// colour differences, all 0 is a dark green.)
    ///
    /// # Errors
    /// [`Error::Invalid`] when the width or the height is 0 or above 16384, or the machine has no
    /// memory for it.
    pub fn new(format: PixelFormat, width: u32, height: u32) -> Result<Self> {
        let mut frame = Self::default();
        frame.reset(format, width, height)?; // in a new block, which is zero
        Ok(frame)
    }

    /// A picture in memory from `pool`, for one who makes frames all the time and keeps none. What the
    /// pixels are is unspecified: write all of them.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn from_pool(pool: &Pool, format: PixelFormat, width: u32, height: u32) -> Result<Self> {
        let layout = checked_layout(format, width, height)?;
        Ok(Self {
            buffer: pool.try_take(layout.len)?,
            format,
            width,
            height,
            layout,
            interpretation: Interpretation::default_for(format, height),
            ..Self::default()
        })
    }

    /// A picture of `width` × `height` pixels with a copy of the bytes `pixels`: plane after plane, rows from
    /// the top down, pixels from left to right, no gaps (but rows of V210 are multiples of 128 bytes).
    ///
    /// # Errors
    /// [`Error::Invalid`] when there are more or fewer bytes than the picture has, and as for
    /// [`new`](Self::new).
    ///
    /// ```
    /// use streamlib::message::{PixelFormat, VideoFrame};
    ///
    /// let wrong = VideoFrame::from_pixels(PixelFormat::Rgb8, 2, 2, [0; 11]);
    /// assert_eq!(
    ///     wrong.unwrap_err().to_string(),
    ///     "pixels is 11 bytes; expected 12 bytes, for 2 × 2 pixels of Rgb8",
    /// );
    /// ```
    pub fn from_pixels(
        format: PixelFormat,
        width: u32,
        height: u32,
        pixels: impl AsRef<[u8]>,
    ) -> Result<Self> {
        let pixels = pixels.as_ref();
        let layout = checked_layout(format, width, height)?;
        if pixels.len() != layout.len {
            return Err(Error::invalid(
                "pixels",
                format_args!("{} bytes", pixels.len()),
                format!(
                    "{} bytes, for {width} × {height} pixels of {format}",
                    layout.len
                ),
            ));
        }
        let mut frame = Self::new(format, width, height)?;
        frame.pixels_mut().copy_from_slice(pixels);
        Ok(frame)
    }

    /// A picture in memory that is there.
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub(super) fn assembled(
        buffer: Buffer,
        (format, width, height): (PixelFormat, u32, u32),
        layout: Layout,
        interpretation: Interpretation,
        (timestamp, frame_number): (Timestamp, u64),
        metadata: Option<Arc<Metadata>>,
    ) -> Self {
        Self {
            buffer,
            format,
            width,
            height,
            layout,
            interpretation,
            timestamp,
            frame_number,
            metadata,
        }
    }

    /// What is told of a picture, without memory for its pixels.
    #[cfg(feature = "gpu")]
    pub(super) fn described(format: PixelFormat, width: u32, height: u32) -> Result<Self> {
        Ok(Self {
            layout: checked_layout(format, width, height)?,
            format,
            width,
            height,
            interpretation: Interpretation::default_for(format, height),
            ..Self::default()
        })
    }

    /// Makes this a picture of `width` × `height` pixels for writing, in the memory it has when nobody
    /// else holds it, else in other memory from its pool. What the pixels are is unspecified: write all
    /// of them. The metadata is taken off; colorimetry, field order and pixel aspect are the defaults.
    ///
    /// # Errors
    /// As for [`new`](Self::new); the frame is then unchanged.
    pub fn reset(&mut self, format: PixelFormat, width: u32, height: u32) -> Result<()> {
        self.reset_to(
            format,
            width,
            height,
            checked_layout(format, width, height)?,
        )
    }

    /// What [`reset`](Self::reset) does, with `strides` bytes from a row to the next, one for each plane:
    /// for what wants its rows to begin at certain multiples. What is in the gaps is unspecified.
    ///
    /// # Errors
    /// As for [`new`](Self::new), and [`Error::Invalid`] when there is not one stride for each plane, or one
    /// is less than a row has or above 1048576; the frame is then unchanged.
    ///
    /// ```
    /// use streamlib::message::{PixelFormat, VideoFrame};
    ///
    /// let mut frame = VideoFrame::default();
    /// frame.reset_with_strides(PixelFormat::Nv12, 100, 50, &[128, 128])?;
    /// assert_eq!(frame.pixels().len(), 128 * 50 + 128 * 25);
    /// assert_eq!(frame.row(0).map(<[u8]>::len), Some(100));
    /// assert!(!frame.is_contiguous());
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    pub fn reset_with_strides(
        &mut self,
        format: PixelFormat,
        width: u32,
        height: u32,
        strides: &[usize],
    ) -> Result<()> {
        let layout = checked_layout(format, width, height)?.with_strides(strides)?;
        self.reset_to(format, width, height, layout)
    }

    fn reset_to(
        &mut self,
        format: PixelFormat,
        width: u32,
        height: u32,
        layout: Layout,
    ) -> Result<()> {
        self.buffer.reset(layout.len)?;
        (self.format, self.width, self.height, self.layout) = (format, width, height, layout);
        self.interpretation = Interpretation::default_for(format, height);
        self.metadata = None;
        Ok(())
    }

    /// Makes this a copy of `other`: pixels and all that is told of them, in memory of its own. A copy
    /// of an empty frame is empty.
    ///
    /// To hand a frame on unchanged, clone it: that copies no pixels.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the machine has no memory for it; the frame is then unchanged.
    pub fn copy_from(&mut self, other: &Self) -> Result<()> {
        self.buffer
            .reset(other.layout.len)?
            .copy_from_slice(&other.buffer);
        (self.format, self.width, self.height, self.layout) =
            (other.format, other.width, other.height, other.layout);
        self.interpretation = other.interpretation;
        self.copy_notes(other);
        Ok(())
    }

    /// Time, number and metadata.
    pub(super) fn copy_notes(&mut self, other: &Self) {
        (self.timestamp, self.frame_number) = (other.timestamp, other.frame_number);
        self.metadata.clone_from(&other.metadata);
    }

    /// How the pixels are written down.
    #[must_use]
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// Pixels a row; 0 only for an empty frame.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows; 0 only for an empty frame.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn dimensions(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Bytes from the start of a row to the start of the next, in the first plane.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.layout.first().stride
    }

    /// Whether there is no picture yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.layout.len == 0
    }

    /// When the frame was published: the time of the tick.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// Which tick of its clock it was published on.
    #[must_use]
    pub fn frame_number(&self) -> u64 {
        self.frame_number
    }

    /// What is known of the frame beside its pixels.
    #[must_use]
    pub fn metadata(&self) -> Option<&Arc<Metadata>> {
        self.metadata.as_ref()
    }

    /// Puts `metadata` on the frame in place of what it had; `None` takes it off. Make it once and
    /// clone the `Arc`, so that no frame allocates.
    pub fn set_metadata(&mut self, metadata: impl Into<Option<Arc<Metadata>>>) {
        self.metadata = metadata.into();
    }

    /// Whether somebody else holds these pixels, so that writing to them moves to a copy.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        !self.buffer.is_unique()
    }

    /// Whether both show the same: the same pixels, told to mean the same; without a look at the pixels.
    pub(crate) fn shows_the_same_as(&self, other: &Self) -> bool {
        let told = |frame: &Self| {
            (
                frame.format,
                frame.width,
                frame.height,
                frame.layout,
                frame.interpretation,
            )
        };
        self.shares_pixels_with(other) && told(self) == told(other)
    }

    /// The same, and whether both have the same metadata.
    #[cfg(feature = "gpu")]
    pub(crate) fn is_same_picture(&self, other: &Self) -> bool {
        let metadata = (&self.metadata, &other.metadata);
        let same_metadata = match metadata {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        };
        self.shows_the_same_as(other) && same_metadata
    }

    /// Whether a card reads and writes the pixels by itself.
    #[cfg(feature = "gpu")]
    pub(crate) fn is_page_locked(&self) -> bool {
        self.buffer.is_page_locked()
    }

    /// Whether both frames hold the same memory, so that nothing was copied between them.
    #[must_use]
    pub fn shares_pixels_with(&self, other: &Self) -> bool {
        self.buffer.shares_with(&other.buffer)
    }
}

pub(super) fn checked_layout(format: PixelFormat, width: u32, height: u32) -> Result<Layout> {
    for (what, given) in [("width", width), ("height", height)] {
        if given == 0 || given > MAX_DIMENSION {
            return Err(Error::invalid(
                what,
                format_args!("{given} pixels"),
                format!("1 to {MAX_DIMENSION} pixels; the picture was to be {width} × {height}"),
            ));
        }
    }
    Ok(format.layout(width as usize, height as usize))
}

impl Message for VideoFrame {
    const NAME: &'static str = "VideoFrame";

    fn stamp(&mut self, tick: TimedTick) {
        self.timestamp = tick.timestamp;
        self.frame_number = tick.frame_number;
    }
}

/// All but the pixels.
impl fmt::Debug for VideoFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            format,
            width,
            height,
            interpretation,
            timestamp,
            frame_number,
            metadata,
            ..
        } = self;
        f.debug_struct("VideoFrame")
            .field("size", &format_args!("{width}x{height}"))
            .field("format", format)
            .field(
                "colorimetry",
                &format_args!("{}", interpretation.colorimetry),
            )
            .field("field_order", &interpretation.field_order)
            .field(
                "pixel_aspect",
                &format_args!("{}", interpretation.pixel_aspect),
            )
            .field("timestamp", timestamp)
            .field("frame_number", frame_number)
            .field("metadata", metadata)
            .finish_non_exhaustive()
    }
}
