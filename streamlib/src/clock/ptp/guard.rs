//! The thread of a clock, which ends with it.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;

use crate::Result;

/// Ends its thread when it is dropped, and waits for that.
#[derive(Debug)]
pub(super) struct Guard {
    /// The thread sees that the other end of its socket is gone.
    end: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

impl Guard {
    /// Starts a thread that works until the stream that it is given ends.
    pub(super) fn spawn(work: impl FnOnce(UnixStream) + Send + 'static) -> Result<Self> {
        let (end, seen) = UnixStream::pair()?;
        seen.set_nonblocking(true)?;
        let thread = std::thread::Builder::new().name("ptp".to_owned());
        let thread = thread.spawn(move || work(seen))?;
        Ok(Self {
            end: Some(end),
            thread: Some(thread),
        })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A thread that has panicked has said so.
            let _ = thread.join();
        }
    }
}

/// Whether the other end of a stream is gone.
pub(super) fn ended(mut stream: &UnixStream) -> bool {
    matches!(stream.read(&mut [0]), Ok(0))
}
