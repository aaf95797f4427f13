//! The ring over memory of a card.

use super::{CardMemory, Device, Reading, Stream, Writing};
use crate::Result;
use crate::ring::{Policy, Reader, Ring, SlotMut, Writer};

/// A ring of pre-allocated memory on a card: [`ring`](crate::ring) over slots of [`CardMemory`], n + 2 of them for n
/// readers. For those who use memory without actors: between these lies the plain ring, over
/// [`GpuFrame`](crate::message::GpuFrame)s, whose memory keeps the same order.
///
/// The host side is the ring as it is: wait-free, newest wins. The card's side is in the slots: what is read comes
/// after what filled it, and what fills a slot comes after all that read it before, though the ring has given it back
/// long ago. Nobody on the host waits for the card, and no frame can tear.
///
/// ```
/// use streamlib::gpu::{Device, GpuRingBuffer};
///
/// let card = Device::simulated(1)?;
/// let (mut writer, mut readers) = GpuRingBuffer::build(&card, 1 << 20, 2)?; // 4 slots
/// let (drawing, showing) = (card.stream()?, card.stream()?);
///
/// let mut slot = writer.slot();
/// let filled = slot.fill(&drawing)?;
/// // … launch what fills filled.address() into `drawing` …
/// filled.done()?;
/// slot.publish()?;
///
/// if let Some(memory) = readers[0].latest() {
///     let read = memory.read(&showing)?;
///     // … launch what reads read.address() into `showing` …
///     read.done()?;
/// }
/// # Ok::<(), streamlib::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum GpuRingBuffer {}

/// The writing side of a [`GpuRingBuffer`].
#[derive(Debug)]
pub struct GpuWriter(Writer<CardMemory>);

/// A slot that is being filled.
#[derive(Debug)]
pub struct GpuSlot<'a>(SlotMut<'a, CardMemory>);

/// The reading side of a [`GpuRingBuffer`]: what it gives is read by [`CardMemory::read`].
pub type GpuReader = Reader<CardMemory>;

impl GpuRingBuffer {
    /// A ring of slots of `len` bytes for so many readers.
    ///
    /// # Errors
    /// No reader, or more than a ring can have; when the card has not so much memory.
    pub fn build(
        device: &Device,
        len: usize,
        readers: usize,
    ) -> Result<(GpuWriter, Vec<GpuReader>)> {
        let mut memory: Vec<CardMemory> = (0..readers + 2)
            .map(|_| CardMemory::new(device, len))
            .collect::<Result<_>>()?;
        let builder = (0..readers).fold(Ring::builder(), |ring, _| ring.reader(Policy::Latest));
        let (writer, readers) = builder.build_with(|| match memory.pop() {
            Some(memory) => memory,
            None => unreachable!("n readers have n + 2 slots"),
        })?;
        Ok((GpuWriter(writer), readers))
    }
}

impl GpuWriter {
    /// The slot to fill next.
    pub fn slot(&mut self) -> GpuSlot<'_> {
        GpuSlot(self.0.slot())
    }
}

impl GpuSlot<'_> {
    /// Lets `stream` fill it: [`CardMemory::fill`]. Memory that had to be given up, or that a reader has taken a
    /// clone of, is replaced before.
    ///
    /// # Errors
    /// As there; when the card has no memory in place of it.
    pub fn fill<'a>(&'a mut self, stream: &'a Stream) -> Result<Writing<'a>> {
        if self.0.is_given_up() || !self.0.is_unique() {
            *self.0 = CardMemory::new(self.0.device(), self.0.len())?;
        }
        self.0.fill(stream)
    }

    /// Lets `stream` read what it holds: [`CardMemory::read`].
    ///
    /// # Errors
    /// As there.
    pub fn read<'a>(&'a self, stream: &'a Stream) -> Result<Reading<'a>> {
        self.0.read(stream)
    }

    /// Makes it the newest for every reader.
    ///
    /// # Errors
    /// When the card took no note of what fills it; it is not published then.
    pub fn publish(self) -> Result<()> {
        self.0.check_filled()?;
        self.0.publish();
        Ok(())
    }
}
