//! Where an actor works, found when it starts, and what it has there.

use crate::gpu::{CardPool, Device, Place, Stream};
use crate::message::{GpuFrame, PixelFormat, Shape};
use crate::{Error, Result};

/// Where an actor works.
#[derive(Debug, Default)]
pub(super) enum Site<K> {
    /// It has not started.
    #[default]
    Nowhere,
    /// On a card.
    Card(Card<K>),
    /// On the processor, for there is no card.
    Processor,
}

/// What an actor has on a card.
#[derive(Debug)]
pub(super) struct Card<K> {
    pub stream: Stream,
    pub pool: CardPool,
    pub kernels: K,
}

impl<K> Site<K> {
    /// Finds it, and what is needed on a card.
    pub fn find(load: impl FnOnce(&Device) -> Result<K>) -> Result<Self> {
        Ok(match Place::here()? {
            Place::Processor => Self::Processor,
            Place::Card(stream) => Self::Card(Card {
                pool: CardPool::new(stream.device()),
                kernels: load(stream.device())?,
                stream,
            }),
        })
    }

    /// In words.
    pub fn told(&self) -> &'static str {
        match self {
            Self::Nowhere => "nowhere yet",
            Self::Card(_) => "on the card",
            Self::Processor => "on the processor",
        }
    }
}

/// The pictures that an actor was told to be ready for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    format: PixelFormat,
    width: u32,
    height: u32,
}

impl Expected {
    pub fn of(format: PixelFormat, width: u32, height: u32) -> Self {
        Self {
            format,
            width,
            height,
        }
    }

    /// What they are.
    ///
    /// # Errors
    /// When there are no such pictures.
    pub fn shape(self) -> Result<Shape> {
        Ok(Shape::of(&self.described()?))
    }

    /// How many bytes one has.
    ///
    /// # Errors
    /// As for [`shape`](Self::shape).
    pub fn bytes(self) -> Result<usize> {
        Ok(self.described()?.size())
    }

    fn described(self) -> Result<GpuFrame> {
        GpuFrame::described(self.format, self.width, self.height)
    }
}

impl From<Shape> for Expected {
    fn from(shape: Shape) -> Self {
        Self::of(shape.format, shape.width, shape.height)
    }
}

/// As many blocks as an output of so many readers has pictures in at a time: in its slots, two that are under way, and one that is kept
/// by a reader.
pub(super) fn in_use(readers: usize) -> usize {
    readers + 5
}

/// The error of an actor that is ticked before it was started.
pub(super) fn not_started() -> Error {
    Error::graph("this actor was not started")
}

/// As many blocks of `threads` threads as cover `pixels`.
pub(super) fn blocks(pixels: u32, threads: u32) -> u32 {
    pixels.div_ceil(threads).max(1)
}
