//! A picture on a card.

use std::fmt;

use super::gpu_picture::Placed;
use super::{Colorimetry, FieldOrder, GpuPicture, GpuTarget, PixelFormat, VideoFrame};
use crate::gpu::{Address, CardMemory, CardPool, Reading, Stream, given_up};
use crate::memory::Buffer;
use crate::message::Message;
use crate::time::{TimedTick, Timestamp};
use crate::{Error, Result};

/// A picture whose pixels are on a card; else it is a [`VideoFrame`], which [`Upload`](crate::actors::Upload) and
/// [`Download`](crate::actors::Download) make of each other.
///
/// A frame is a handle. Cloning it counts a reference and copies no pixels. Its memory knows what fills it and what
/// reads it, so that a frame can be sent on while the card has not even begun to draw it: whoever reads it lets the card
/// wait, and never the processor.
///
/// ```
/// use streamlib::gpu::{CardPool, Device};
/// use streamlib::message::{GpuFrame, PixelFormat};
///
/// let card = Device::simulated(1)?;
/// let stream = card.stream()?;
/// let filling = GpuFrame::from_pool(&CardPool::new(&card), PixelFormat::Nv12, 64, 36)?.fill(&stream)?;
/// // … start a kernel in `stream` that fills filling.picture() …
/// let frame = filling.done()?;
/// assert_eq!(frame.planes().len(), 2);
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// Where a graph says `on gpu.or(threads)` and there is no card, the pixels are [on the processor](Self::on_processor)
/// after all.
#[derive(Clone, Default)]
pub struct GpuFrame {
    /// What is told of the picture; without pixels where those are on a card.
    about: VideoFrame,
    memory: Option<CardMemory>,
}

/// Where a plane lies in the memory of a picture on a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CardPlane {
    /// Bytes from the start of the memory.
    pub offset: usize,
    /// Bytes from a row to the next.
    pub stride: usize,
    /// How many rows.
    pub rows: usize,
    /// Bytes of a row that mean something.
    pub row_len: usize,
}

impl GpuFrame {
    /// A picture of `width` × `height` pixels in memory from `pool`. What the pixels are is unspecified.
    ///
    /// # Errors
    /// As for [`VideoFrame::new`], and when the card has no memory for it.
    pub fn from_pool(
        pool: &CardPool,
        format: PixelFormat,
        width: u32,
        height: u32,
    ) -> Result<Self> {
        let about = VideoFrame::described(format, width, height)?;
        let memory = pool.take(about.layout.len)?;
        Ok(Self {
            about,
            memory: Some(memory),
        })
    }

    /// A picture as `frame` is told to be (format, size, strides, colours, time), in memory from `pool`; the pixels are
    /// not copied.
    ///
    /// # Errors
    /// When the card has no memory for it.
    pub fn like(pool: &CardPool, frame: &VideoFrame) -> Result<Self> {
        let mut about = frame.clone();
        about.buffer = Buffer::empty();
        let memory = pool.take(about.layout.len)?;
        Ok(Self {
            about,
            memory: Some(memory),
        })
    }

    /// Lets what is put into `stream` while the result lives read the pixels, after what fills them:
    /// [`CardMemory::read`].
    ///
    /// # Errors
    /// As there; when the pixels are not on a card.
    pub fn read<'a>(&'a self, stream: &'a Stream) -> Result<GpuReading<'a>> {
        let memory = self.memory.as_ref().ok_or_else(not_there)?;
        Ok(GpuReading {
            frame: self,
            reading: memory.read(stream)?,
        })
    }

    /// Lets what is put into `stream` while the result lives fill the pixels, after what reads them:
    /// [`CardMemory::fill`]. The frame comes back, and can be sent, once the card has taken note of it.
    ///
    /// # Errors
    /// As there; when the pixels are not on a card.
    pub fn fill(mut self, stream: &Stream) -> Result<GpuFilling<'_>> {
        let memory = self.memory.as_mut().ok_or_else(not_there)?;
        memory.begin_filling(stream)?;
        let address = memory.address();
        Ok(GpuFilling {
            placed: Placed::of(&self, address),
            frame: Some(self),
            stream,
        })
    }

    /// The pixels on the processor, where there is no card and the graph says `on gpu.or(…)`.
    #[must_use]
    pub fn on_processor(&self) -> Option<&VideoFrame> {
        (self.memory.is_none() && !self.about.is_empty()).then_some(&self.about)
    }

    /// The same for an actor that works there, whatever the graph says of what feeds it.
    pub(crate) fn needed_on_processor(&self) -> Result<&VideoFrame> {
        self.on_processor().ok_or_else(|| {
            Error::graph(
                "this picture is on a card, and the actor that it came to works on the processor: all actors of a graph work on \
                 one, or all on the processor (`on gpu.or(…)`)",
            )
        })
    }

    /// The memory on the card.
    #[must_use]
    pub fn memory(&self) -> Option<&CardMemory> {
        self.memory.as_ref()
    }

    /// How many bytes the picture has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.about.layout.len
    }

    /// Where the planes lie, in the order that [`PixelFormat`] tells.
    pub fn planes(&self) -> impl ExactSizeIterator<Item = CardPlane> + use<'_> {
        self.about.layout.planes().iter().map(|plane| CardPlane {
            offset: plane.offset,
            stride: plane.stride,
            rows: plane.rows,
            row_len: plane.row_len(),
        })
    }

    /// What is told of such a picture, without memory for its pixels.
    pub(crate) fn described(format: PixelFormat, width: u32, height: u32) -> Result<Self> {
        VideoFrame::described(format, width, height).map(Self::from)
    }

    /// A picture of the processor with what is told of this one, and its strides, for the pixels to be copied to.
    pub(crate) fn described_on_processor(&self, pixels: Buffer) -> VideoFrame {
        let mut frame = self.about.clone();
        frame.buffer = pixels;
        frame
    }

    /// Takes over what is told of `other` beside its pixels and colours, as [`VideoFrame::inherit`] does.
    pub fn inherit(&mut self, other: &Self) {
        self.about.inherit(&other.about);
    }

    /// How the pixels are written down.
    #[must_use]
    pub fn format(&self) -> PixelFormat {
        self.about.format()
    }

    /// Pixels a row; 0 only for an empty frame.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.about.width()
    }

    /// Rows; 0 only for an empty frame.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.about.height()
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn dimensions(&self) -> (u32, u32) {
        self.about.dimensions()
    }

    /// What the pixels mean as colours.
    #[must_use]
    pub fn colorimetry(&self) -> Colorimetry {
        self.about.colorimetry()
    }

    /// Says what the pixels mean as colours. This changes no pixel.
    pub fn set_colorimetry(&mut self, colorimetry: Colorimetry) {
        self.about.set_colorimetry(colorimetry);
    }

    /// In which order the rows were taken.
    #[must_use]
    pub fn field_order(&self) -> FieldOrder {
        self.about.field_order()
    }

    /// Whether there is no picture yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.about.is_empty()
    }

    /// When the frame was published: the time of the tick.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        self.about.timestamp()
    }

    /// Which tick of its clock it was published on.
    #[must_use]
    pub fn frame_number(&self) -> u64 {
        self.about.frame_number()
    }

    /// Whether both frames hold the same memory, so that nothing was copied between them.
    #[must_use]
    pub fn shares_pixels_with(&self, other: &Self) -> bool {
        match (&self.memory, &other.memory) {
            (Some(memory), Some(other)) => memory.shares_with(other),
            _ => self.about.shares_pixels_with(&other.about),
        }
    }
}

/// A picture of the processor, for a graph that works there.
impl From<VideoFrame> for GpuFrame {
    fn from(about: VideoFrame) -> Self {
        Self {
            about,
            memory: None,
        }
    }
}

/// A frame whose pixels a stream reads: [`GpuFrame::read`]. Dropped, it notes that what was put into the stream reads them.
#[derive(Debug)]
#[must_use = "what is put into the stream after this is dropped may come too late"]
pub struct GpuReading<'a> {
    frame: &'a GpuFrame,
    reading: Reading<'a>,
}

impl GpuReading<'_> {
    /// Where the pixels begin.
    #[must_use]
    pub fn address(&self) -> Address {
        self.reading.address()
    }

    /// The picture, for a kernel to be given.
    #[must_use]
    pub fn picture(&self) -> GpuPicture<'_> {
        let placed = Placed::of(self.frame, self.reading.address());
        GpuPicture::placed(placed, self.reading.stream())
    }

    /// All that reads it has been put into the stream.
    ///
    /// # Errors
    /// When the card takes no note of it.
    pub fn done(self) -> Result<()> {
        self.reading.done()
    }
}

/// A frame whose pixels a stream fills: [`GpuFrame::fill`]. [`done`](Self::done) gives the frame back; dropped, it is
/// given up.
#[derive(Debug)]
#[must_use = "`.done()?` gives the frame back"]
pub struct GpuFilling<'a> {
    /// There until it is done.
    frame: Option<GpuFrame>,
    placed: Placed,
    stream: &'a Stream,
}

impl GpuFilling<'_> {
    /// Where the pixels begin.
    #[must_use]
    pub fn address(&self) -> Address {
        self.placed.address
    }

    /// The picture, for a kernel to be given.
    #[must_use]
    pub fn picture(&self) -> GpuTarget<'_> {
        GpuTarget::placed(self.placed, self.stream)
    }

    /// All that fills it has been put into the stream: gives the frame back, to be sent.
    ///
    /// # Errors
    /// When the card takes no note of it; nobody could wait for it then, and its memory is given up.
    pub fn done(mut self) -> Result<GpuFrame> {
        self.end()?.ok_or_else(not_there)
    }

    fn end(&mut self) -> Result<Option<GpuFrame>> {
        let Some(mut frame) = self.frame.take() else {
            return Ok(None);
        };
        if let Some(memory) = &mut frame.memory {
            memory.end_filling(self.stream)?;
        }
        Ok(Some(frame))
    }
}

impl Drop for GpuFilling<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            given_up(&error);
        }
    }
}

fn not_there() -> Error {
    Error::graph(
        "this picture is not on a card: all actors of a graph work on one, or all on the processor (`on gpu.or(…)`)",
    )
}

impl Message for GpuFrame {
    const NAME: &'static str = "GpuFrame";

    fn stamp(&mut self, tick: TimedTick) {
        self.about.stamp(tick);
    }
}

/// All but the pixels.
impl fmt::Debug for GpuFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GpuFrame")
            .field("about", &self.about)
            .field("memory", &self.memory)
            .finish()
    }
}
