//! A picture on a card as kernels are given it: where it lies, for as long as its memory is held.

use super::{CardPlane, Colorimetry, FieldOrder, GpuFrame, PixelFormat};
use crate::Result;
use crate::gpu::{Address, Parameter, Stream};

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

/// A picture, and where it lies on a card.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    pub shape: Shape,
    pub address: Address,
    pub planes: [CardPlane; 3],
}

impl Placed {
    /// `frame`, whose memory begins there.
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

    fn plane(&self, index: usize) -> Address {
        let offset = self.planes.get(index).map_or(0, |plane| plane.offset);
        Address(self.address.0 + offset as u64)
    }

    fn described(&self) -> Described {
        let all = [0, 1, 2];
        Described {
            planes: all.map(|index| match self.planes[index].rows {
                0 => 0,
                _ => self.plane(index).0,
            }),
            strides: all.map(|index| self.planes[index].stride as i32),
            width: self.shape.width as i32,
            height: self.shape.height as i32,
            _gap: 0,
        }
    }
}

/// `Picture` and `Target` of `streamlib.h`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Described {
    planes: [u64; 3],
    strides: [i32; 3],
    width: i32,
    height: i32,
    /// C++ has a gap here.
    _gap: i32,
}

macro_rules! pictures {
    ($($name:ident, $parameter:ident: $says:literal, $is:literal;)*) => {$(
        #[doc = $says]
        /// Only a frame whose memory is held for a stream gives one, so it can be given to a kernel of that stream.
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a> {
            placed: Placed,
            stream: &'a Stream,
        }

        impl<'a> $name<'a> {
            /// One whose memory is held for `stream`, for as long.
            pub(crate) fn placed(placed: Placed, stream: &'a Stream) -> Self {
                Self { placed, stream }
            }

            /// The same without the hold on it.
            pub(crate) fn placing(&self) -> Placed {
                self.placed
            }

            /// What it is.
            #[must_use]
            pub fn shape(&self) -> Shape {
                self.placed.shape
            }

            /// Where the planes lie in its memory.
            #[must_use]
            pub fn planes(&self) -> &[CardPlane; 3] {
                &self.placed.planes
            }

            /// Where plane `index` begins.
            #[must_use]
            pub fn plane(&self, index: usize) -> Address {
                self.placed.plane(index)
            }

            /// Whether its memory is held for `stream`.
            ///
            /// # Errors
            /// That it is held for another.
            pub fn check(&self, stream: &Stream) -> Result<()> {
                self.stream.check_same(stream)
            }
        }

        #[doc = $is]
        #[derive(Clone, Copy, Debug)]
        pub enum $parameter {}

        // SAFETY: what describes a picture leads to its planes alone, which are held for the stream.
        unsafe impl Parameter for $parameter {
            type Given<'a> = $name<'a>;
            type Passed = Described;

            fn passed(given: $name<'_>, stream: &Stream) -> Result<Described> {
                given.check(stream)?;
                Ok(given.placed.described())
            }
        }
    )*};
}

pictures! {
    GpuPicture, Picture: "A picture on a card that a stream reads.",
        "A kernel's parameter `Picture`, which it reads; it is given a [`GpuPicture`].";
    GpuTarget, Target: "A picture on a card that a stream fills.",
        "A kernel's parameter `Target`, which it fills; it is given a [`GpuTarget`].";
}
