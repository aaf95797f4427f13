//! Streams, in which a card works in order, and the events between them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::driver::{Address, Argument, Extent, Handle, Launch};
use super::{Device, Finished, Graph, Kernel, card};
use crate::{Error, Result};

/// A stream of a card: what is put into it is done in order. Clones are the same stream.
#[derive(Clone)]
pub struct Stream(Arc<Inner>);

struct Inner {
    device: Device,
    handle: Handle,
    index: usize,
    /// Somebody has waited for it in vain.
    is_given_up: AtomicBool,
}

impl Stream {
    pub(super) fn new(device: Device, handle: Handle, index: usize) -> Self {
        Self(Arc::new(Inner {
            device,
            handle,
            index,
            is_given_up: AtomicBool::new(false),
        }))
    }

    /// The card that it is of.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    /// Which of the card's streams it is, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.0.index
    }

    pub(super) fn handle(&self) -> Handle {
        self.0.handle
    }

    /// Whether both are one stream.
    pub(crate) fn check_same(&self, other: &Self) -> Result<()> {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ok(());
        }
        Err(Error::graph(format_args!(
            "a kernel in stream {} was given what is held for stream {}: read or fill it for the stream that the kernel is \
             put into",
            other.index(),
            self.index()
        )))
    }

    /// Puts a kernel into the stream. (Safe code [starts](Self::start) them.)
    ///
    /// # Errors
    /// What went wrong on the card, now or in earlier work; a kernel of another card.
    ///
    /// # Safety
    /// `arguments` are those that the kernel has, in order and type, and all memory that it touches is held by a
    /// [`Reading`](super::Reading) or, where it writes, by a [`Writing`](super::Writing) of this stream.
    pub unsafe fn launch(
        &self,
        kernel: &Kernel,
        grid: Extent,
        block: Extent,
        arguments: &[Argument<'_>],
    ) -> Result<()> {
        kernel.check_device(self)?;
        let launch = Launch {
            function: kernel.function(),
            grid,
            block,
            arguments,
        };
        // SAFETY: as the caller promises.
        unsafe { self.device().driver().launch(self.handle(), &launch) }
    }

    /// Puts a copy within the card into the stream.
    ///
    /// # Errors
    /// As for [`launch`](Self::launch).
    ///
    /// # Safety
    /// As for [`launch`](Self::launch); each side has `len` bytes.
    pub unsafe fn copy(&self, to: Address, from: Address, len: usize) -> Result<()> {
        let driver = self.device().driver();
        // SAFETY: as the caller promises.
        unsafe { driver.copy(self.handle(), to, from, len) }
    }

    /// Puts a copy of `from` to the card into the stream.
    ///
    /// # Safety
    /// As for [`copy`](Self::copy); `from` is pinned and stays as it is until the copy is done.
    pub(crate) unsafe fn upload(&self, to: Address, from: &[u8]) -> Result<()> {
        let driver = self.device().driver();
        // SAFETY: as the caller promises.
        unsafe { driver.upload(self.handle(), to, from.as_ptr(), from.len()) }
    }

    /// Puts a copy from the card to `to` into the stream.
    ///
    /// # Safety
    /// As for [`copy`](Self::copy); `to` is pinned, and nobody looks at it until the copy is done.
    pub(crate) unsafe fn download(&self, to: &mut [u8], from: Address) -> Result<()> {
        let driver = self.device().driver();
        // SAFETY: as the caller promises.
        unsafe { driver.download(self.handle(), to.as_mut_ptr(), from, to.len()) }
    }

    /// Does what was captured once more.
    ///
    /// # Errors
    /// As for [`launch`](Self::launch).
    ///
    /// # Safety
    /// As for all that it consists of.
    pub unsafe fn replay(&self, graph: &Graph) -> Result<()> {
        // SAFETY: as the caller promises.
        unsafe { self.device().driver().replay(self.handle(), graph.handle()) }
    }

    /// Waits until all that has been put into the stream is done; the thread does other things meanwhile.
    ///
    /// It ends with an error when the card fails meanwhile, and when it has not come so far after the time that
    /// [`Gpu::patience`](crate::dispatch::Gpu::patience) says.
    ///
    /// # Errors
    /// As for [`launch`](Self::launch).
    pub fn finished(&self) -> Finished {
        self.finished_within(card::patience())
    }

    /// The same, with so much patience.
    pub(super) fn finished_within(&self, patience: Duration) -> Finished {
        Finished::of(self, patience)
    }

    /// Whether all that has been put into the stream is done.
    pub(super) fn is_idle(&self) -> Result<bool> {
        self.device().driver().is_idle(self.handle())
    }

    /// Whether somebody has waited for it in vain, and it has not come further since.
    pub(super) fn is_given_up(&self) -> bool {
        // Relaxed: nothing rests on it but how long somebody waits.
        self.0.is_given_up.load(Ordering::Relaxed)
    }

    pub(super) fn give_up(&self, is_given_up: bool) {
        // Relaxed: as above.
        let was = self.0.is_given_up.swap(is_given_up, Ordering::Relaxed);
        if was != is_given_up {
            self.device().count_given_up(is_given_up);
        }
    }

    /// Waits on this thread until all that has been put into the stream is done.
    ///
    /// # Errors
    /// As for [`launch`](Self::launch).
    pub fn synchronize(&self) -> Result<()> {
        let event = Event::new(self.device())?;
        event.record(self)?;
        event.synchronize()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if *self.is_given_up.get_mut() {
            self.device.count_given_up(false);
        }
        self.device.driver().end_stream(self.handle);
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream {} of {:?}", self.index(), self.device())
    }
}

/// A point in a stream that others wait for.
pub(crate) struct Event {
    device: Device,
    handle: Handle,
}

impl Event {
    pub fn new(device: &Device) -> Result<Self> {
        Ok(Self {
            handle: device.driver().event()?,
            device: device.clone(),
        })
    }

    /// It is done when all that `stream` has been given so far is.
    pub fn record(&self, stream: &Stream) -> Result<()> {
        self.device.driver().record(self.handle, stream.handle())
    }

    /// What is put into `stream` from now on waits for it, on the card.
    pub fn hold_up(&self, stream: &Stream) -> Result<()> {
        self.device.driver().wait(stream.handle(), self.handle)
    }

    /// Whether it is done.
    pub fn is_done(&self) -> Result<bool> {
        self.device.driver().is_done(self.handle)
    }

    /// Waits for it on this thread.
    pub fn synchronize(&self) -> Result<()> {
        self.device.driver().synchronize(self.handle)
    }

    /// Whether it is done at last, for memory that is to be let go of: waits for it, unless the card hangs.
    pub fn settle(&self) -> bool {
        if self.device.hangs() {
            return self.is_done().unwrap_or(false);
        }
        self.synchronize().is_ok()
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        self.device.driver().end_event(self.handle);
    }
}
