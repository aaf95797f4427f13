//! The thread that takes pictures from the device as they come, and keeps the newest.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_queue::ArrayQueue;
use v4l::buffer::Type;
use v4l::io::mmap::Stream;
use v4l::io::traits::CaptureStream;

use super::choice::{Mode, Wish};
use super::device::Device;
use super::encoding::unpack;
use crate::memory::Pool;
use crate::message::{PixelFormat, VideoFrame};
use crate::{Error, Result};

/// The buffers that the driver fills in turn.
const BUFFERS: u32 = 4;
/// After this without a picture the device is started anew.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the end of a feed waits for its thread, which ends with the next picture.
const SOON: Duration = Duration::from_millis(100);
/// The device has gone.
const ENODEV: i32 = 19;

/// A device that streams.
pub(super) struct Feed {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
    /// Hears nothing but that the thread has let go of its end.
    end: mpsc::Receiver<()>,
    pub(super) mode: Mode,
}

struct Shared {
    newest: ArrayQueue<VideoFrame>,
    stop: AtomicBool,
    /// Why there are no more, once there are none.
    end: ArrayQueue<Error>,
}

impl Feed {
    /// Opens the device and begins.
    ///
    /// # Errors
    /// As [`Device::open`], and [`Error::Io`] if no thread can be started.
    pub(super) fn open(path: &Path, wish: Wish) -> Result<Self> {
        let device = Device::open(path, wish)?;
        let mode = device.mode;
        let shared = Arc::new(Shared {
            newest: ArrayQueue::new(1),
            stop: AtomicBool::new(false),
            end: ArrayQueue::new(1),
        });
        let (says_end, end) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("camera".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || {
                    let _says_end = says_end;
                    let end = shared.run(&device).err().unwrap_or(Error::EndOfStream);
                    shared.end.force_push(end);
                }
            })?;
        Ok(Self {
            shared,
            thread,
            end,
            mode,
        })
    }

    /// The newest picture, if it has not been taken yet.
    ///
    /// # Errors
    /// Why there are no more: [`Error::EndOfStream`] when the device was unplugged.
    pub(super) fn next(&self) -> Result<Option<VideoFrame>> {
        if let Some(frame) = self.shared.newest.pop() {
            return Ok(Some(frame));
        }
        match self.shared.end.pop() {
            Some(error) => Err(error),
            None if self.thread.is_finished() => Err(Error::other("the camera's thread has ended")),
            None => Ok(None),
        }
    }
}

impl Feed {
    /// Tells the thread to end, and closes the device. A device that sends nothing is closed by the thread alone, within
    /// some seconds: that thread is returned, to be waited for before the device is opened again.
    pub(super) fn close(self) -> Option<JoinHandle<()>> {
        // Relaxed: only the flag itself counts. The thread sees it after the next picture, or its patience.
        self.shared.stop.store(true, Ordering::Relaxed);
        if self.end.recv_timeout(SOON) == Err(RecvTimeoutError::Timeout) {
            return Some(self.thread);
        }
        // Err: it has panicked, which it has said.
        let _ = self.thread.join();
        None
    }
}

impl Shared {
    fn run(&self, device: &Device) -> Result<()> {
        let pool = Pool::new();
        let size = (device.mode.width, device.mode.height);
        loop {
            let mut stream = Stream::with_buffers(&device.device, Type::VideoCapture, BUFFERS)?;
            stream.set_timeout(PATIENCE);
            loop {
                // Relaxed: only the flag itself counts.
                if self.stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                let (bytes, about) = match stream.next() {
                    Ok(picture) => picture,
                    Err(error) if error.kind() == io::ErrorKind::TimedOut => break,
                    Err(error) if error.raw_os_error() == Some(ENODEV) => return Ok(()),
                    Err(error) => return Err(error.into()),
                };
                let bytes = &bytes[..bytes.len().min(about.bytesused as usize)];
                let mut frame = VideoFrame::from_pool(&pool, PixelFormat::Gray8, 1, 1)?;
                let unpacked = unpack(device.mode.encoding, bytes, device.stride, size, &mut frame);
                match unpacked {
                    Ok(()) => drop(self.newest.force_push(frame)),
                    // One picture that is damaged: the next may not be.
                    Err(error) => tracing::warn!("a picture of the camera is left out: {error}"),
                }
            }
        }
    }
}
