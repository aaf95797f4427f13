//! Opening a device that gives pulses, and waiting for one.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::{Error, Result};

/// Opens the device at `path` to read and write; the error names it.
pub(super) fn open(path: &Path) -> Result<File> {
    let opened = OpenOptions::new().read(true).write(true).open(path);
    opened.map_err(|error| {
        Error::Io(std::io::Error::new(
            error.kind(),
            format!("{}: {error}", path.display()),
        ))
    })
}

/// Waits until there is something to read, `wait` at most.
pub(super) fn readable(device: &File, wait: Duration) -> Result<bool> {
    let wait = Timespec {
        tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(wait.subsec_nanos()),
    };
    let mut devices = [PollFd::new(device, PollFlags::IN)];
    match poll(&mut devices, Some(&wait)) {
        Ok(count) => Ok(count > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(Error::Io(error.into())),
    }
}
