//! Streams, in which a card works in order, and the events between them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::driver::{Address, Argument, Extent, Handle, Launch};
use super::{Device, Graph, Kernel};
use crate::{Error, Result};

/// How long a thread waits for a card that may have failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// A stream of a card: what is put into it is done in order. Clones are the same stream.
#[derive(Clone)]
pub struct Stream(Arc<Inner>);

struct Inner {
    device: Device,
    handle: Handle,
    index: usize,
}

impl Stream {
    pub(super) fn new(device: Device, handle: Handle, index: usize) -> Self {
        Self(Arc::new(Inner {
            device,
            handle,
            index,
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

    /// Puts a kernel into the stream.
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
    /// # Errors
    /// As for [`launch`](Self::launch).
    pub fn finished(&self) -> Finished {
        let bell = Arc::<Bell>::default();
        let ringing = Arc::clone(&bell);
        let asked = self
            .device()
            .driver()
            .notify(self.handle(), Box::new(move || ringing.ring()));
        Finished {
            bell,
            asked: asked.map_err(Some),
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
        self.device.driver().end_stream(self.handle);
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream {} of {:?}", self.index(), self.device())
    }
}

#[derive(Debug, Default)]
struct Bell {
    state: Mutex<BellState>,
    rung: Condvar,
}

#[derive(Debug, Default)]
struct BellState {
    has_rung: bool,
    waker: Option<Waker>,
}

impl Bell {
    fn state(&self) -> MutexGuard<'_, BellState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) {
        let mut state = self.state();
        state.has_rung = true;
        let waker = state.waker.take();
        drop(state);
        self.rung.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The end of what was in a stream: [`Stream::finished`].
#[derive(Debug)]
#[must_use = "it is waited for by `.await`"]
pub struct Finished {
    bell: Arc<Bell>,
    /// Whether the card took the question; the error is told once.
    asked: Result<(), Option<Error>>,
}

impl Finished {
    fn asked(&mut self) -> Result<()> {
        match &mut self.asked {
            Ok(()) => Ok(()),
            Err(error) => Err(error.take().unwrap_or_else(unanswered)),
        }
    }

    /// Waits on this thread, but not for ever: a card that has failed does not answer.
    ///
    /// # Errors
    /// When the card did not take the question, or has not answered for ten seconds.
    pub fn wait(&mut self) -> Result<()> {
        self.asked()?;
        let state = self.bell.state();
        let waited = self
            .bell
            .rung
            .wait_timeout_while(state, PATIENCE, |state| !state.has_rung);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.has_rung {
            return Ok(());
        }
        Err(unanswered())
    }
}

fn unanswered() -> Error {
    Error::graph("the card does not say when it is done")
}

impl Future for Finished {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if let Err(error) = self.asked() {
            return Poll::Ready(Err(error));
        }
        let mut state = self.bell.state();
        if state.has_rung {
            return Poll::Ready(Ok(()));
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
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
}

impl Drop for Event {
    fn drop(&mut self) {
        self.device.driver().end_event(self.handle);
    }
}
