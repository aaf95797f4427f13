//! Wakes the display's thread, which waits for two things at once: for this bell, and for the X server.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// A bell that anybody can ring and one thread hears. Rung often before it is heard, it is heard once.
pub(super) struct Bell {
    rope: UnixStream,
    ear: UnixStream,
}

impl Bell {
    /// # Errors
    /// When the process can open no more files.
    pub(super) fn new() -> io::Result<Self> {
        let (rope, ear) = UnixStream::pair()?;
        rope.set_nonblocking(true)?;
        ear.set_nonblocking(true)?;
        Ok(Self { rope, ear })
    }

    /// Never waits.
    pub(super) fn ring(&self) {
        // It fails when so many rings are unheard that one more changes nothing.
        let _ = (&self.rope).write(&[1]);
    }

    /// Sleeps until the bell rings or `other` has something to read, at most for `time`.
    pub(super) fn wait(&self, other: Option<BorrowedFd<'_>>, time: Duration) {
        let ear = PollFd::new(&self.ear, PollFlags::IN);
        let mut both = [
            ear.clone(),
            other.map_or(ear, |other| PollFd::from_borrowed_fd(other, PollFlags::IN)),
        ];
        let time = Timespec {
            tv_sec: time.as_secs() as _,
            tv_nsec: time.subsec_nanos() as _,
        };
        // A signal ends the sleep early, and so does an error; the caller looks again in any case.
        let _ = poll(&mut both, Some(&time));
        let mut rings = [0; 64];
        while matches!((&self.ear).read(&mut rings), Ok(64)) {}
    }
}

/// Where the bell is heard.
impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.ear.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_bell_that_was_rung_is_heard_at_once_and_once() {
        let bell = Bell::new().unwrap();
        for _ in 0..100_000 {
            bell.ring(); // far more than the socket holds
        }
        let long = Duration::from_secs(60);
        let start = Instant::now();
        bell.wait(None, long);
        assert!(start.elapsed() < long);
        bell.wait(None, Duration::from_millis(20));
        assert!(start.elapsed() >= Duration::from_millis(20));
    }
}
