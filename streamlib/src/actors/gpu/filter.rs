//! Work of a card that makes a picture of a picture.

use crate::Result;
use crate::gpu::{Address, Device, Stream};
use crate::message::{CardPlane, Colorimetry, FieldOrder, GpuFrame, PixelFormat, VideoFrame};

/// What a picture is, without its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How pixels are written down.
    pub format: PixelFormat,
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// What pixels mean as colours.
    pub colorimetry: Colorimetry,
    /// In which order the rows were taken.
    pub field_order: FieldOrder,
}

/// A picture on a card, as kernels are told of it. As long as one is there, its memory is held for the stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GpuPicture {
    /// What it is.
    pub shape: Shape,
    /// Where the memory begins.
    pub address: Address,
    /// Where the planes lie in it.
    pub planes: [CardPlane; 3],
}

/// Work of a card that makes a picture of a picture: a link of a [`GpuChain`](super::GpuChain).
///
/// Its kernels are captured once and replayed after, so [`put`](Self::put) must put the same ones into the stream whenever both
/// pictures are the same.
pub trait GpuFilter: Send + 'static {
    /// Compiles its kernels: when the actor starts.
    ///
    /// # Errors
    /// What the compiler says.
    fn load(&mut self, device: &Device) -> Result<()>;

    /// What becomes of such a picture.
    ///
    /// # Errors
    /// A picture that it cannot work on.
    fn makes(&self, of: &Shape) -> Result<Shape>;

    /// Puts the kernels into `stream` that make `to` of `from`.
    ///
    /// # Errors
    /// What went wrong on the card.
    fn put(&self, stream: &Stream, from: &GpuPicture, to: &GpuPicture) -> Result<()>;

    /// Makes `to` of `from` on the processor, where there is no card and the graph says `on gpu.or(threads)`.
    ///
    /// # Errors
    /// As of [`put`](Self::put); a filter that works on cards only.
    fn on_processor(&mut self, from: &VideoFrame, to: &mut VideoFrame) -> Result<()>;
}

impl Shape {
    /// What a frame is.
    #[must_use]
    pub fn of(frame: &GpuFrame) -> Self {
        Self {
            format: frame.format(),
            width: frame.width(),
            height: frame.height(),
            colorimetry: frame.colorimetry(),
            field_order: frame.field_order(),
        }
    }

    /// The same in another format, in its usual colours.
    #[must_use]
    pub fn in_format(self, format: PixelFormat) -> Self {
        Self {
            format,
            colorimetry: self.colorimetry.converted_to(format, self.height),
            ..self
        }
    }
}

impl GpuPicture {
    /// `frame`, whose memory begins there.
    #[must_use]
    pub fn of(frame: &GpuFrame, address: Address) -> Self {
        let mut planes = [CardPlane::default(); 3];
        for (place, plane) in planes.iter_mut().zip(frame.planes()) {
            *place = plane;
        }
        Self {
            shape: Shape::of(frame),
            address,
            planes,
        }
    }

    /// Where plane `index` begins.
    #[must_use]
    pub fn plane(&self, index: usize) -> Address {
        let offset = self.planes.get(index).map_or(0, |plane| plane.offset);
        Address(self.address.0 + offset as u64)
    }
}
