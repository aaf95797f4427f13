//! Work of a card that makes a picture of a picture.

use crate::Result;
use crate::gpu::{Module, Source, Stream};
use crate::message::{GpuPicture, GpuTarget, Shape, VideoFrame};

/// Work of a card that makes a picture of a picture: a link of a [`GpuChain`](super::GpuChain).
///
/// Its kernels are captured once and replayed after, so [`put`](Self::put) must put the same ones into the stream whenever both
/// pictures are the same. They are trusted code: that a kernel stays within the pictures that it is given is promised once, where
/// it is taken; the rest is checked.
///
/// ```
/// use streamlib::gpu::{Module, Source, Stream, Threads, TrustedKernel};
/// use streamlib::message::{GpuPicture, GpuTarget, Picture, Shape, Target};
/// use streamlib::prelude::*;
///
/// /// The negative of a picture in Rgba8.
/// #[derive(Default)]
/// struct Negative(Option<TrustedKernel<(Picture, Target)>>);
///
/// impl GpuFilter for Negative {
///     fn source(&self) -> Source {
///         Source::cuda("negative.cu", r#"
/// #include "streamlib.h"
/// extern "C" __global__ void negative(Picture from, Target to) {
///     int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
///     if (x >= from.width || y >= from.height || x >= to.width || y >= to.height) return;
///     const unsigned char *pixel = from.planes[0] + y * from.strides[0] + 4 * x;
///     unsigned char *made = to.planes[0] + y * to.strides[0] + 4 * x;
///     for (int i = 0; i < 3; i++) made[i] = 255 - pixel[i];
///     made[3] = pixel[3];
/// }
/// "#)
///     }
///
///     fn load(&mut self, kernels: &Module) -> Result<()> {
///         // SAFETY: these are its parameters, and it stays within both pictures, which `makes` lets be in Rgba8.
///         self.0 = Some(unsafe { kernels.trusted("negative")? });
///         Ok(())
///     }
///
///     fn makes(&self, of: &Shape) -> Result<Shape> {
///         match of.format {
///             PixelFormat::Rgba8 => Ok(*of),
///             other => Err(Error::invalid("format", other, "Rgba8")),
///         }
///     }
///
///     fn put(&self, stream: &Stream, from: GpuPicture<'_>, to: GpuTarget<'_>) -> Result<()> {
///         let Some(kernel) = &self.0 else { return Ok(()) };
///         let Shape { width, height, .. } = to.shape();
///         stream.start(kernel, Threads::over(width, height), (from, to))
///     }
///
///     fn on_processor(&mut self, from: &VideoFrame, to: &mut VideoFrame) -> Result<()> {
///         for (pixel, made) in from.pixels().chunks_exact(4).zip(to.pixels_mut().chunks_exact_mut(4)) {
///             made.copy_from_slice(&[255 - pixel[0], 255 - pixel[1], 255 - pixel[2], pixel[3]]);
///         }
///         Ok(())
///     }
/// }
///
/// let chain = GpuChain::of(Negative::default()).then(GpuConversion::to(PixelFormat::Nv12));
/// # drop(chain);
/// ```
pub trait GpuFilter: Send + 'static {
    /// Its kernels. Where those of a whole chain are compiled before, no compiler is needed.
    fn source(&self) -> Source;

    /// Takes its kernels, which have been loaded: when the actor starts.
    ///
    /// # Errors
    /// A kernel that is not there.
    fn load(&mut self, kernels: &Module) -> Result<()>;

    /// What becomes of such a picture.
    ///
    /// # Errors
    /// A picture that it cannot work on.
    fn makes(&self, of: &Shape) -> Result<Shape>;

    /// Puts the kernels into `stream` that make `to` of `from`.
    ///
    /// # Errors
    /// What went wrong on the card; pictures that are held for another stream.
    fn put(&self, stream: &Stream, from: GpuPicture<'_>, to: GpuTarget<'_>) -> Result<()>;

    /// Makes `to` of `from` on the processor, where there is no card and the graph says `on gpu.or(threads)`.
    ///
    /// # Errors
    /// As of [`put`](Self::put); a filter that works on cards only.
    fn on_processor(&mut self, from: &VideoFrame, to: &mut VideoFrame) -> Result<()>;
}
