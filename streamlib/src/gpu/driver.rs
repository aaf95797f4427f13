//! The small trait behind which a card is: CUDA's driver, or a simulated one.

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::Source;
use crate::Result;

/// Where memory of a card begins. It means something to the card alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Address(pub u64);

/// What a driver calls one of its things: a stream, an event, a function, a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle(pub u64);

/// How many blocks a kernel is launched with, or threads in each: along x, y and z.
pub type Extent = (u32, u32, u32);

/// One argument of a kernel: where its value is, and how long that is.
#[derive(Clone, Copy)]
pub struct Argument<'a> {
    value: *const c_void,
    len: usize,
    of: PhantomData<&'a ()>,
}

impl<'a> Argument<'a> {
    /// `value`, which is of the type that the kernel's parameter has.
    pub fn of<T: Copy>(value: &'a T) -> Self {
        Self {
            value: std::ptr::from_ref(value).cast(),
            len: std::mem::size_of::<T>(),
            of: PhantomData,
        }
    }

    /// Where the value is.
    pub(super) fn pointer(&self) -> *mut c_void {
        self.value.cast_mut()
    }

    /// How many bytes it has.
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

/// A kernel, how large it is launched, and with what.
pub struct Launch<'a> {
    /// The kernel.
    pub function: Handle,
    /// How many blocks.
    pub grid: Extent,
    /// How many threads in each.
    pub block: Extent,
    /// What its parameters are.
    pub arguments: &'a [Argument<'a>],
}

/// A card as streamlib needs it: memory, streams that work in order, and events between them.
///
/// A *stream* does what is put into it one after the other, and beside the others in any order. An *event* is
/// recorded in a stream: it is done when all that was put into the stream before is. A stream that *waits* for an event
/// begins with what comes after once the event is done, as it was recorded last when the wait was asked for; one that
/// was never recorded is done. None of these calls waits itself, but for those that say so.
///
/// Implementations: CUDA's driver (feature `cuda`), and the [simulated](super::Device::simulated) one.
///
/// # Safety
/// What is asked for in order is done in order, as said above: the memory that others use rests on it.
pub unsafe trait Driver: Send + Sync + 'static {
    /// The card's name.
    fn name(&self) -> String;

    /// Memory of the card. It may wait for the card, so it is asked for at the start.
    ///
    /// # Errors
    /// When there is not so much.
    fn allocate(&self, len: usize) -> Result<Address>;

    /// Gives memory back. It may wait for the card.
    ///
    /// # Safety
    /// It came from `allocate`, and nothing that was put into a stream uses it any more.
    unsafe fn free(&self, address: Address);

    /// Memory of the host that the card reads and writes by itself: page-locked.
    ///
    /// # Errors
    /// When there is not so much.
    fn allocate_pinned(&self, len: usize) -> Result<NonNull<u8>>;

    /// Gives that memory back.
    ///
    /// # Safety
    /// As for [`free`](Self::free).
    unsafe fn free_pinned(&self, bytes: NonNull<u8>);

    /// A new stream.
    ///
    /// # Errors
    /// When the card has none left.
    fn stream(&self) -> Result<Handle>;

    /// Takes a stream back; what was put into it is done all the same.
    fn end_stream(&self, stream: Handle);

    /// A new event.
    ///
    /// # Errors
    /// When the card has none left.
    fn event(&self) -> Result<Handle>;

    /// Takes an event back, which may be waited for still.
    fn end_event(&self, event: Handle);

    /// Records `event` in `stream`.
    ///
    /// # Errors
    /// What went wrong on the card, now or in earlier work.
    fn record(&self, event: Handle, stream: Handle) -> Result<()>;

    /// Lets what is put into `stream` from now on wait for `event`.
    ///
    /// # Errors
    /// As for [`record`](Self::record).
    fn wait(&self, stream: Handle, event: Handle) -> Result<()>;

    /// Whether `event` is done.
    ///
    /// # Errors
    /// As for [`record`](Self::record).
    fn is_done(&self, event: Handle) -> Result<bool>;

    /// Waits on this thread until `event` is done.
    ///
    /// # Errors
    /// As for [`record`](Self::record).
    fn synchronize(&self, event: Handle) -> Result<()>;

    /// Whether all that was put into `stream` is done.
    ///
    /// # Errors
    /// As for [`record`](Self::record).
    fn is_idle(&self, stream: Handle) -> Result<bool>;

    /// Calls `call` when all that was put into `stream` is done: on a thread of the driver, on which no card may be
    /// used. When the card fails before, it may not be called at all.
    ///
    /// # Errors
    /// As for [`record`](Self::record); it is not called then.
    fn notify(&self, stream: Handle, call: Box<dyn FnOnce() + Send>) -> Result<()>;

    /// Puts a copy within the card into `stream`.
    ///
    /// # Errors
    /// As for [`record`](Self::record).
    ///
    /// # Safety
    /// Both sides are memory of this card, of `len` bytes at least, until it is done.
    unsafe fn copy(&self, stream: Handle, to: Address, from: Address, len: usize) -> Result<()>;

    /// Puts a copy to the card into `stream`.
    ///
    /// # Errors
    /// As for [`record`](Self::record).
    ///
    /// # Safety
    /// As for [`copy`](Self::copy), and `from` is [pinned](Self::allocate_pinned) and not written until it is done.
    unsafe fn upload(&self, stream: Handle, to: Address, from: *const u8, len: usize)
    -> Result<()>;

    /// Puts a copy from the card into `stream`.
    ///
    /// # Errors
    /// As for [`record`](Self::record).
    ///
    /// # Safety
    /// As for [`copy`](Self::copy), and `to` is [pinned](Self::allocate_pinned) and not touched until it is done.
    unsafe fn download(&self, stream: Handle, to: *mut u8, from: Address, len: usize)
    -> Result<()>;

    /// Whether [`load`](Self::load) can compile.
    ///
    /// # Errors
    /// What is missing.
    fn check_compiler(&self) -> Result<()>;

    /// Compiles kernels, or takes compiled ones.
    ///
    /// # Errors
    /// What the compiler says, with the kernel's lines.
    fn load(&self, source: &Source) -> Result<Handle>;

    /// The kernel of that name.
    ///
    /// # Errors
    /// When there is none.
    fn function(&self, module: Handle, name: &str) -> Result<Handle>;

    /// Puts a kernel into `stream`.
    ///
    /// # Errors
    /// As for [`record`](Self::record), and when the card cannot run as many threads.
    ///
    /// # Safety
    /// The arguments are those that the kernel has, and what it reads and writes by them is there until it is done.
    unsafe fn launch(&self, stream: Handle, launch: &Launch<'_>) -> Result<()>;

    /// From now on what is put into `stream` by this thread is noted and not done.
    ///
    /// # Errors
    /// As for [`record`](Self::record).
    fn begin_capture(&self, stream: Handle) -> Result<()>;

    /// What was noted since, as one piece of work: copies and kernels.
    ///
    /// # Errors
    /// As for [`record`](Self::record), and when something was asked for that cannot be noted.
    fn end_capture(&self, stream: Handle) -> Result<Handle>;

    /// Puts all of a captured piece of work into `stream`.
    ///
    /// # Errors
    /// As for [`record`](Self::record).
    ///
    /// # Safety
    /// As for what it consists of, again.
    unsafe fn replay(&self, stream: Handle, graph: Handle) -> Result<()>;

    /// Takes a captured piece of work back; what is under way of it is done all the same.
    fn end_graph(&self, graph: Handle);

    /// Takes kernels back, of which nothing is under way.
    fn end_module(&self, module: Handle);
}
