//! From one pixel format to another, on a card.

use super::filter::GpuFilter;
use super::site::{Card, Expected, Site, blocks, in_use, not_started};
use crate::actor::{Actor, Input, Output};
use crate::actors::Converter;
use crate::actors::convert::matrix::{Coding, real};
use crate::gpu::{Argument, Kernel, Module, OnProcessor, Source, Stream, card};
use crate::memory::Pool;
use crate::message::{
    CardPlane, Colorimetry, GpuFrame, GpuPicture, GpuTarget, PixelFormat, Placed, Shape, VideoFrame,
};
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// The kernel.
const KERNEL: &str = include_str!("kernels/convert.cu");

/// The formats that the kernel knows, by its numbers.
const FORMATS: [PixelFormat; 5] = [
    PixelFormat::Rgb8,
    PixelFormat::Rgba8,
    PixelFormat::Bgra8,
    PixelFormat::Nv12,
    PixelFormat::Uyvy,
];

/// A conversion, as a link of a [`GpuChain`](super::GpuChain): what [`GpuConvert`] does.
pub struct GpuConversion {
    format: PixelFormat,
    colorimetry: Option<Colorimetry>,
    kernel: Option<Kernel>,
    converter: Converter,
}

/// Sends every picture in another [`PixelFormat`], on the card: between Rgb8, Rgba8, Bgra8, Nv12 and Uyvy. One that is in it already
/// is passed on without a copy.
///
/// What becomes of colours is what [`Convert`](crate::actors::Convert) says, to one code of the same.
///
/// # Errors
///
/// A format that is none of these is an error: when the graph is built where it was asked for, and on the tick where it came.
#[actor(dispatcher = gpu, new = assemble)]
#[derive(Debug)]
pub struct GpuConvert {
    /// Pictures in any of the formats.
    #[input]
    pub video: Input<GpuFrame>,
    /// The same in the format that was asked for.
    #[output]
    pub converted: Output<GpuFrame>,
    conversion: GpuConversion,
    expected: Option<Expected>,
    pool: Pool,
    site: Site<()>,
}

impl GpuConvert {
    /// Sends pictures in `format`.
    #[must_use]
    pub fn to(format: PixelFormat) -> Self {
        let conversion = GpuConversion::to(format);
        Self::assemble(conversion, None, Pool::new(), Site::default())
    }

    /// Takes memory for what it makes of pictures like these when it starts; what it was not told of, the first picture takes on
    /// its tick, for which the card may have to be waited for.
    #[must_use]
    pub fn ready_for(mut self, format: PixelFormat, width: u32, height: u32) -> Self {
        self.expected = Some(Expected::of(format, width, height));
        self
    }

    /// Sends them in this matrix and range.
    #[must_use]
    pub fn colorimetry(mut self, colorimetry: Colorimetry) -> Self {
        self.conversion = self.conversion.colorimetry(colorimetry);
        self
    }
}

impl OnProcessor for GpuConvert {}

impl GpuConversion {
    /// To `format`.
    #[must_use]
    pub fn to(format: PixelFormat) -> Self {
        Self {
            format,
            colorimetry: None,
            kernel: None,
            converter: Converter::new(),
        }
    }

    /// To this matrix and range.
    #[must_use]
    pub fn colorimetry(mut self, colorimetry: Colorimetry) -> Self {
        self.colorimetry = Some(colorimetry);
        self
    }
}

/// A picture as the kernel takes it.
#[derive(Clone, Copy)]
#[repr(C)]
struct Side {
    planes: [u64; 2],
    strides: [i32; 2],
    format: i32,
    /// C++ has a gap here.
    _gap: i32,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Matrix {
    rows: [[f32; 3]; 3],
    zero_in: [f32; 3],
    zero_out: [f32; 3],
    low: f32,
    high: f32,
}

impl Side {
    /// All rows of a picture, or every other from `first` on.
    fn of(picture: &Placed, first: usize, step: usize) -> Result<Self> {
        let planes = [0, 1].map(|index| {
            let CardPlane { offset, stride, .. } = picture.planes[index];
            picture.address.0 + (offset + first * stride) as u64
        });
        let strides = [0, 1].map(|index| (picture.planes[index].stride * step) as i32);
        let in_words = matches!(
            picture.shape.format,
            PixelFormat::Rgba8 | PixelFormat::Bgra8 | PixelFormat::Uyvy
        );
        if in_words && strides[0] % 4 != 0 {
            return Err(Error::invalid(
                "stride of a picture on a card",
                strides[0],
                "a multiple of 4, as its pixels are 4 bytes long",
            ));
        }
        Ok(Self {
            planes,
            strides,
            format: number(picture.shape.format)?,
            _gap: 0,
        })
    }
}

impl Matrix {
    fn between(from: &Shape, to: &Shape) -> Self {
        let from = Coding::new(from.format, from.colorimetry);
        let to = Coding::new(to.format, to.colorimetry);
        let (rows, (low, high)) = real(&from, &to);
        let single = |values: [f64; 3]| values.map(|value| value as f32);
        Self {
            rows: rows.map(single),
            zero_in: single(from.zero()),
            zero_out: single(to.zero()),
            low: low.into(),
            high: high.into(),
        }
    }
}

/// The kernel's number of a format.
fn number(format: PixelFormat) -> Result<i32> {
    match FORMATS.iter().position(|&known| known == format) {
        Some(number) => Ok(number as i32),
        None => Err(Error::invalid(
            "format on a card",
            format,
            "Rgb8, Rgba8, Bgra8, Nv12 or Uyvy; `Convert` knows the others, before `Upload` or after `Download`",
        )),
    }
}

impl GpuFilter for GpuConversion {
    fn source(&self) -> Source {
        Source::cuda("convert.cu", KERNEL)
    }

    fn load(&mut self, kernels: &Module) -> Result<()> {
        self.kernel = Some(kernels.kernel("convert")?);
        Ok(())
    }

    fn makes(&self, of: &Shape) -> Result<Shape> {
        number(of.format)?;
        number(self.format)?;
        let shape = of.in_format(self.format);
        Ok(Shape {
            colorimetry: self.colorimetry.unwrap_or(shape.colorimetry),
            ..shape
        })
    }

    fn put(&self, stream: &Stream, from: GpuPicture<'_>, to: GpuTarget<'_>) -> Result<()> {
        let Some(kernel) = &self.kernel else {
            return Err(not_started());
        };
        from.check(stream)?;
        to.check(stream)?;
        let (from, to) = (&from.placing(), &to.placing());
        let (from_shape, to_shape) = (&from.shape, &to.shape);
        let size = |shape: &Shape| (shape.width, shape.height);
        if size(from_shape) != size(to_shape) {
            return Err(Error::invalid(
                "size of what is converted to",
                format_args!("{:?}", size(to_shape)),
                format!("{:?}, as that of what is converted", size(from_shape)),
            ));
        }
        let matrix = Matrix::between(from_shape, to_shape);
        let rows = to_shape.height as usize;
        // The fields of an interlaced picture are converted each by itself, as on the processor.
        let shares = |shape: &Shape| shape.format.subsampling().1 > 1;
        let apart = from_shape.field_order.is_interlaced()
            && (shares(from_shape) || shares(to_shape))
            && rows.is_multiple_of(4);
        let step = if apart { 2 } else { 1 };
        for first in 0..step {
            let (source, target) = (Side::of(from, first, step)?, Side::of(to, first, step)?);
            let (width, height) = (to_shape.width as i32, (rows / step) as i32);
            let arguments = [
                Argument::of(&source),
                Argument::of(&target),
                Argument::of(&matrix),
                Argument::of(&width),
                Argument::of(&height),
            ];
            let (across, down) = (width as u32, height as u32);
            let grid = (blocks(across, 64), blocks(down, 16), 1);
            // SAFETY: the parameters of `convert`; both pictures have as many pixels, and are held for the stream.
            unsafe { stream.launch(kernel, grid, (32, 8, 1), &arguments)? };
        }
        Ok(())
    }

    fn on_processor(&mut self, from: &VideoFrame, to: &mut VideoFrame) -> Result<()> {
        self.converter.convert(from, to)
    }
}

impl std::fmt::Debug for GpuConversion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GpuConversion")
            .field("format", &self.format)
            .field("colorimetry", &self.colorimetry)
            .finish_non_exhaustive()
    }
}

/// Lets `filter` make a picture of `frame` in memory of the card's pool.
fn filtered(
    filter: &GpuConversion,
    frame: &GpuFrame,
    card: &Card<()>,
    shape: &Shape,
) -> Result<GpuFrame> {
    let Card { stream, pool, .. } = card;
    let mut out = GpuFrame::from_pool(pool, shape.format, shape.width, shape.height)?;
    out.set_colorimetry(shape.colorimetry);
    out.inherit(frame);
    let (reading, filling) = (frame.read(stream)?, out.fill(stream)?);
    filter.put(stream, reading.picture(), filling.picture())?;
    reading.done()?;
    filling.done()
}

impl Actor for GpuConvert {
    fn check(&self) -> Result<()> {
        number(self.conversion.format)?;
        if let Some(expected) = self.expected {
            self.conversion.makes(&expected.shape()?)?;
        }
        card::check_compiler()
    }

    async fn on_start(&mut self) -> Result<()> {
        let conversion = &mut self.conversion;
        self.site = Site::find(|device| conversion.load(&device.load(&conversion.source())?))?;
        if let (Site::Card(card), Some(expected)) = (&self.site, self.expected) {
            let of = expected.shape()?;
            let made = self.conversion.makes(&of)?;
            if made != of {
                let blocks = in_use(self.converted.readers());
                card.pool.reserve(blocks, Expected::from(made).bytes()?)?;
            }
        }
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let Some(frame) = self.video.latest().filter(|frame| !frame.is_empty()) else {
            return Ok(());
        };
        let shape = self.conversion.makes(&Shape::of(&frame))?;
        if shape == Shape::of(&frame) {
            self.converted.send(frame.clone(), tick);
            return Ok(());
        }
        let out = match &self.site {
            Site::Card(card) => filtered(&self.conversion, &frame, card, &shape)?,
            Site::Processor => {
                let picture = frame.needed_on_processor()?;
                let mut out =
                    VideoFrame::from_pool(&self.pool, shape.format, shape.width, shape.height)?;
                out.set_colorimetry(shape.colorimetry);
                self.conversion.on_processor(picture, &mut out)?;
                out.into()
            }
            Site::Nowhere => return Err(not_started()),
        };
        self.converted.send(out, tick);
        Ok(())
    }

    async fn on_stop(&mut self) -> Result<()> {
        self.site = Site::Nowhere;
        Ok(())
    }

    fn summary(&self) -> String {
        format!(
            "converts to {}, {}",
            self.conversion.format,
            self.site.told()
        )
    }
}
