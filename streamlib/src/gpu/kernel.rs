//! Kernels: where they come from, and what has been made of them for a card.

use std::borrow::Cow;

use super::driver::Handle;
use super::{Device, Stream};
use crate::{Error, Result};

/// What kernels find in `streamlib.h`, which they may include: `Slice`, `Picture` and `Target`. For a build script that gives
/// it to `nvcc`; what is compiled at the start finds it by itself.
pub const HEADER: &str = include_str!("streamlib.h");

/// Kernels: the text of CUDA C++, compiled when the graph starts; or what was compiled before: PTX, or a cubin.
///
/// ```
/// use streamlib::gpu::Source;
///
/// let invert = Source::cuda(
///     "invert.cu",
///     r#"
/// extern "C" __global__ void invert(unsigned char *pixels, int count) {
///     int at = blockIdx.x * blockDim.x + threadIdx.x;
///     if (at < count) pixels[at] = 255 - pixels[at];
/// }
/// "#,
/// );
/// assert_eq!(invert.name(), "invert.cu");
/// ```
///
/// `Source::cuda("blur.cu", include_str!("blur.cu"))` takes them from a file, and `Source::ptx` what
/// [`compile_at_build`](super::compile_at_build) or `nvcc --ptx blur.cu` has made of it when the program was built;
/// `Source::cubin("blur.cubin", include_bytes!("blur.cubin"))` what `nvcc --cubin --gpu-architecture=sm_75 blur.cu` has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    name: Cow<'static, str>,
    code: Code,
}

/// What kernels are written in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Code {
    Cuda(Cow<'static, str>),
    Ptx(Cow<'static, str>),
    Cubin(Cow<'static, [u8]>),
}

impl Source {
    /// CUDA C++. `name` is what the compiler's messages call it.
    pub fn cuda(name: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            code: Code::Cuda(text.into()),
        }
    }

    /// PTX, which the driver finishes for the card that is there. It needs no compiler, but a card: the simulated one has no
    /// way to run it.
    pub fn ptx(name: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            code: Code::Ptx(text.into()),
        }
    }

    /// What was compiled for one kind of card (a cubin), or for several (a fatbin). It needs no compiler, and no driver that knows
    /// the compiler's PTX; but a card of that kind.
    pub fn cubin(name: impl Into<Cow<'static, str>>, image: impl Into<Cow<'static, [u8]>>) -> Self {
        Self {
            name: name.into(),
            code: Code::Cubin(image.into()),
        }
    }

    /// Compiles it to PTX by NVRTC, which needs no card: for cards of compute capability `capability` (70 for 7.0) and later
    /// ones. A build script does it for a file by [`compile_at_build`](super::compile_at_build).
    ///
    /// # Errors
    /// What the compiler says, with the lines of the kernels; NVRTC, if it is missing.
    #[cfg(feature = "cuda")]
    pub fn to_ptx(&self, capability: u32) -> Result<Self> {
        let text = super::cuda::to_ptx(self, capability)?;
        Ok(Self::ptx(self.name.clone(), text))
    }

    /// Compiles it by NVRTC for cards of compute capability `capability` alone: a cubin.
    ///
    /// # Errors
    /// As for [`to_ptx`](Self::to_ptx), and a capability that this NVRTC does not know.
    #[cfg(feature = "cuda")]
    pub fn to_cubin(&self, capability: u32) -> Result<Self> {
        let image = super::cuda::to_cubin(self, capability)?;
        Ok(Self::cubin(self.name.clone(), image))
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text: CUDA C++, or PTX; nothing of a cubin.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.code {
            Code::Cuda(text) | Code::Ptx(text) => text,
            Code::Cubin(_) => "",
        }
    }

    /// Whether it has been compiled, so that no compiler is needed.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        !matches!(self.code, Code::Cuda(_))
    }

    /// What a driver loads, if it has been compiled.
    #[cfg(feature = "cuda")]
    pub(crate) fn image(&self) -> Option<&[u8]> {
        match &self.code {
            Code::Cuda(_) => None,
            Code::Ptx(text) => Some(text.as_bytes()),
            Code::Cubin(image) => Some(image),
        }
    }
}

/// A kernel that has been compiled for a card.
#[derive(Clone, Debug)]
pub struct Kernel {
    device: Device,
    function: Handle,
}

impl Kernel {
    pub(super) fn new(device: Device, function: Handle) -> Self {
        Self { device, function }
    }

    pub(super) fn function(&self) -> Handle {
        self.function
    }

    pub(super) fn check_device(&self, stream: &Stream) -> Result<()> {
        if self.device.is(stream.device()) {
            return Ok(());
        }
        Err(Error::graph(format_args!(
            "a kernel that was compiled for {:?} was put into a stream of {:?}",
            self.device,
            stream.device()
        )))
    }
}

/// Captured work: [`Device::capture`].
#[derive(Debug)]
pub struct Graph {
    device: Device,
    handle: Handle,
}

impl Graph {
    pub(super) fn new(device: Device, handle: Handle) -> Self {
        Self { device, handle }
    }

    pub(super) fn handle(&self) -> Handle {
        self.handle
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        self.device.driver().end_graph(self.handle);
    }
}
