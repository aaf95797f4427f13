//! Kernels: where they come from, and what a compiler says about them.

use std::borrow::Cow;
use std::fmt::Write;

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
/// `Source::cuda("blur.cu", include_str!("blur.cu"))` takes them from a file, and
/// `Source::ptx("blur.ptx", include_str!("blur.ptx"))` what `nvcc --ptx blur.cu` has made of it when the program was built;
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
    /// ones. In a build script this finds mistakes before the program runs.
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

    /// The error of a compiler that wrote `log`: its words, and below each the kernel's line.
    pub(super) fn refused(&self, log: &str) -> Error {
        let mut told = format!("the kernels of `{}` do not compile:", self.name);
        let mut seen = 0;
        for line in log.lines() {
            let Some(said) = Said::read(line, &self.name) else {
                continue;
            };
            seen += 1;
            let text = self.text().lines().nth(said.line.saturating_sub(1));
            // Writing to a string does not fail.
            let _ = write!(
                told,
                "\n{}:{}: {}\n  {} | {}",
                self.name,
                said.line,
                said.message,
                said.line,
                text.unwrap_or_default().trim_end()
            );
        }
        if seen == 0 {
            told.push('\n');
            told.push_str(log.trim_end());
        }
        Error::graph(told)
    }
}

/// What a compiler says about a line.
struct Said<'a> {
    line: usize,
    message: &'a str,
}

impl<'a> Said<'a> {
    /// `NAME(LINE): error: …`, as NVRTC says it, or `NAME:LINE:COLUMN: error: …`, as C++ compilers do.
    fn read(said: &'a str, name: &str) -> Option<Self> {
        let rest = said.strip_prefix(name)?;
        let (line, rest) = match rest.strip_prefix('(') {
            Some(rest) => rest.split_once(')')?,
            None => rest.strip_prefix(':')?.split_once(':')?,
        };
        let at = rest.find("error")?;
        let message = rest.get(at..)?.trim_start_matches("error").trim();
        Some(Self {
            line: line.parse().ok()?,
            message: message.trim_start_matches(':').trim(),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_shown_with_what_is_said_of_it() {
        let source = Source::cuda("a.cu", "one\n  two;\nthree");
        let nvrtc =
            "a.cu(2): error: identifier \"two\" is undefined\n    two;\n    ^\n\n1 error detected";
        let gcc = "In file included from x:\na.cu:2:3: error: identifier \"two\" is undefined\n";
        for log in [nvrtc, gcc] {
            assert_eq!(
                source.refused(log).to_string(),
                "the kernels of `a.cu` do not compile:\na.cu:2: identifier \"two\" is undefined\n  2 |   two;"
            );
        }
        let other = source.refused("nvrtc: error: invalid value").to_string();
        assert!(
            other.ends_with("do not compile:\nnvrtc: error: invalid value"),
            "{other}"
        );
    }
}
