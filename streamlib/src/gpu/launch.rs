//! How safe code starts kernels: what they are given is typed, held for the stream, and says how long it is.

use std::marker::PhantomData;
use std::mem::size_of;

use super::driver::{Argument, Extent};
use super::{Kernel, Module, Reading, Stream, Writing};
use crate::{Error, Result};

/// A kernel that safe code can [start](Stream::start), with what `P` says: a tuple of [`Parameter`]s.
///
/// The kernel itself is trusted code: nobody but whoever wrote it knows what it touches, and that is said once, by the `unsafe`
/// where it is [taken](Module::trusted). All the rest is checked: by the compiler, what it is given; when it is started, that this
/// is held for the stream. How long it is goes with it, as `Slice`, `Picture` and `Target` of `streamlib.h`.
///
/// ```
/// use streamlib::gpu::{CardMemory, Device, Slice, SliceMut, Source, Threads};
///
/// let source = Source::cuda(
///     "scale.cu",
///     r#"
/// #include "streamlib.h"
/// extern "C" __global__ void scale(Slice<const float> from, Slice<float> to, float by) {
///     unsigned at = blockIdx.x * blockDim.x + threadIdx.x;
///     if (at < from.len && at < to.len) to.data[at] = from.data[at] * by;
/// }
/// "#,
/// );
/// let card = Device::simulated(1)?;
/// let kernels = card.load(&source)?;
/// // SAFETY: these are the parameters of `scale`, which stays within its slices.
/// let scale = unsafe { kernels.trusted::<(Slice<f32>, SliceMut<f32>, f32)>("scale")? };
///
/// let (from, mut to) = (CardMemory::new(&card, 4000)?, CardMemory::new(&card, 4000)?);
/// let stream = card.stream()?;
/// let (reading, filling) = (from.read(&stream)?, to.fill(&stream)?);
/// stream.start(&scale, Threads::along(1000), (&reading, &filling, 0.5))?;
/// filling.done()?;
/// # drop(reading);
/// # Ok::<(), streamlib::Error>(())
/// ```
pub struct TrustedKernel<P> {
    kernel: Kernel,
    of: PhantomData<fn(P)>,
}

impl<P> Clone for TrustedKernel<P> {
    fn clone(&self) -> Self {
        Self {
            kernel: self.kernel.clone(),
            of: PhantomData,
        }
    }
}

impl<P> std::fmt::Debug for TrustedKernel<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TrustedKernel").field(&self.kernel).finish()
    }
}

impl Module {
    /// The kernel `extern "C" __global__ void name(…)`, for safe code to start.
    ///
    /// # Errors
    /// When there is none of that name.
    ///
    /// # Safety
    /// The kernel has the parameters that `P` says, and whatever it is given for them, it reads only what lies in its
    /// [`Slice`]s and `Picture`s, and writes only what lies in its [`SliceMut`]s and `Target`s.
    pub unsafe fn trusted<P: Parameters>(&self, name: &str) -> Result<TrustedKernel<P>> {
        Ok(TrustedKernel {
            kernel: self.kernel(name)?,
            of: PhantomData,
        })
    }
}

impl Stream {
    /// Puts a kernel into the stream, with what it is given for each of its parameters.
    ///
    /// # Errors
    /// What is held for another stream; a kernel of another card; what went wrong on the card, now or in earlier work.
    pub fn start<P: Parameters>(
        &self,
        kernel: &TrustedKernel<P>,
        threads: Threads,
        given: P::Given<'_>,
    ) -> Result<()> {
        P::pass(given, self, |arguments| {
            // SAFETY: as whoever took the kernel has promised, it touches only what it is given, which is held for this stream.
            unsafe { self.launch(&kernel.kernel, threads.grid, threads.block, arguments) }
        })
    }
}

/// How many threads a kernel is started with, in how many blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threads {
    grid: Extent,
    block: Extent,
}

impl Threads {
    /// At least `count` threads along x, in blocks of 256.
    #[must_use]
    pub fn along(count: u32) -> Self {
        Self::of((count.div_ceil(256).max(1), 1, 1), (256, 1, 1))
    }

    /// At least a thread for each of `width` × `height` pixels, in blocks of 32 × 8.
    #[must_use]
    pub fn over(width: u32, height: u32) -> Self {
        let blocks = |pixels: u32, threads: u32| pixels.div_ceil(threads).max(1);
        Self::of((blocks(width, 32), blocks(height, 8), 1), (32, 8, 1))
    }

    /// So many blocks, of so many threads each. What a card cannot run is refused when a kernel is started.
    #[must_use]
    pub fn of(grid: Extent, block: Extent) -> Self {
        Self { grid, block }
    }
}

/// One parameter of a kernel: what is given for it in Rust, and what the kernel gets.
///
/// They are [`Slice`], [`SliceMut`], [`Picture`](crate::message::Picture), [`Target`](crate::message::Target), and the numbers
/// `i32`, `u32`, `i64`, `u64`, `f32` and `f64`.
///
/// # Safety
/// What `passed` returns leads to no memory but what is held, for that stream, by what was given.
pub unsafe trait Parameter {
    /// What is given for it.
    type Given<'a>;
    /// What the kernel gets, as it lies in memory there.
    type Passed: Copy;

    /// What the kernel gets for what was given, in that stream.
    ///
    /// # Errors
    /// When it is held for another stream.
    fn passed(given: Self::Given<'_>, stream: &Stream) -> Result<Self::Passed>;
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        // SAFETY: a number leads nowhere.
        unsafe impl Parameter for $number {
            type Given<'a> = $number;
            type Passed = $number;

            fn passed(given: $number, _stream: &Stream) -> Result<$number> {
                Ok(given)
            }
        }
    )*};
}

numbers!(i32 u32 i64 u64 f32 f64);

/// A kernel's parameter `Slice<const T>`, which it reads; it is given a [`Reading`], and has as many `T`s as fit.
#[derive(Clone, Copy, Debug)]
pub struct Slice<T>(PhantomData<T>);

/// A kernel's parameter `Slice<T>`, which it fills; it is given a [`Writing`], and has as many `T`s as fit.
#[derive(Clone, Copy, Debug)]
pub struct SliceMut<T>(PhantomData<T>);

/// `Slice` of `streamlib.h`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Described {
    data: u64,
    len: u64,
}

macro_rules! slices {
    ($($slice:ident of $held:ident)*) => {$(
        // SAFETY: it leads to as many as there are, which are held for the stream.
        unsafe impl<T: Copy> Parameter for $slice<T> {
            type Given<'a> = &'a $held<'a>;
            type Passed = Described;

            fn passed(given: &$held<'_>, stream: &Stream) -> Result<Described> {
                given.stream().check_same(stream)?;
                let len = given.len().checked_div(size_of::<T>());
                let len = len.ok_or_else(|| {
                    Error::invalid("elements of a slice", "of no size", "a type that has bytes")
                })?;
                Ok(Described {
                    data: given.address().0,
                    len: len as u64,
                })
            }
        }
    )*};
}

slices!(Slice of Reading SliceMut of Writing);

/// The parameters of a kernel, in order: a tuple of up to eight [`Parameter`]s.
///
/// # Safety
/// What `pass` hands on leads to no memory but what is held, for that stream, by what was given.
pub unsafe trait Parameters {
    /// What is given for them.
    type Given<'a>;

    /// Hands what was given on as arguments.
    ///
    /// # Errors
    /// What is held for another stream; those of `launch`.
    #[doc(hidden)]
    fn pass(
        given: Self::Given<'_>,
        stream: &Stream,
        launch: impl FnOnce(&[Argument<'_>]) -> Result<()>,
    ) -> Result<()>;
}

macro_rules! tuples {
    ($($($parameter:ident $value:ident),+;)*) => {$(
        // SAFETY: each of them leads to no other memory.
        unsafe impl<$($parameter: Parameter),+> Parameters for ($($parameter,)+) {
            type Given<'a> = ($($parameter::Given<'a>,)+);

            fn pass(
                ($($value,)+): Self::Given<'_>,
                stream: &Stream,
                launch: impl FnOnce(&[Argument<'_>]) -> Result<()>,
            ) -> Result<()> {
                $(let $value = $parameter::passed($value, stream)?;)+
                launch(&[$(Argument::of(&$value)),+])
            }
        }
    )*};
}

tuples! {
    A a;
    A a, B b;
    A a, B b, C c;
    A a, B b, C c, D d;
    A a, B b, C c, D d, E e;
    A a, B b, C c, D d, E e, F f;
    A a, B b, C c, D d, E e, F f, G g;
    A a, B b, C c, D d, E e, F f, G g, H h;
}
