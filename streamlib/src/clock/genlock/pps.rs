//! A pulse a second (or any other rate) from a PPS device of Linux: `/dev/pps0`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;
use rustix::ioctl::{Updater, ioctl, opcode};
use rustix::time::{ClockId, Timespec, clock_gettime};

use super::device::open;
use super::source::PulseSource;
use crate::time::Timestamp;
use crate::{Error, Result};

/// `struct pps_ktime` of `linux/pps.h`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct Time {
    sec: i64,
    nsec: i32,
    flags: u32,
}

/// `struct pps_fdata`: `struct pps_kinfo`, and how long to wait.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct Fetch {
    assert_sequence: u32,
    clear_sequence: u32,
    assert: Time,
    clear: Time,
    current_mode: i32,
    timeout: Time,
}

const _: () = assert!(size_of::<Fetch>() == 64);

/// `PPS_FETCH`. Its number was made with the size of a pointer to what it takes.
const PPS_FETCH: rustix::ioctl::Opcode = opcode::read_write::<*mut Fetch>(b'p', 0xa4);

/// The pulses of a PPS device of Linux: of a GPS receiver, as a rule one at the beginning of each second.
///
/// ```no_run
/// use std::time::Duration;
/// use streamlib::clock::{GenlockClock, Pps};
/// use streamlib::prelude::*;
///
/// let pps = Pps::open("/dev/pps0")?;
/// let house = GenlockClock::new(pps).every(Duration::from_secs(1)).fps(50);
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// The kernel stamps the edges in the system's time, which is turned into monotonic time as they are
/// fetched; where the system's time steps in between, the edge is an outlier and passed over. Not run
/// with a device so far.
#[derive(Debug)]
pub struct Pps {
    device: File,
    path: PathBuf,
    falling: bool,
    sequence: Option<u32>,
}

impl Pps {
    /// The rising edges of the device at `path`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it can't be opened, [`Error::Invalid`] if it is no PPS device.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let device = open(&path)?;
        let mut pps = Self {
            device,
            path,
            falling: false,
            sequence: None,
        };
        match pps.fetch(Duration::ZERO) {
            Err(Errno::NOTTY | Errno::INVAL) => Err(Error::invalid(
                "the PPS device",
                pps.path.display(),
                "a PPS device of Linux, such as /dev/pps0",
            )),
            _ => Ok(pps),
        }
    }

    /// The falling edges instead.
    #[must_use]
    pub fn falling(mut self) -> Self {
        self.falling = true;
        self
    }

    fn fetch(&mut self, wait: Duration) -> Result<Fetch, Errno> {
        let mut fetch = Fetch {
            timeout: Time {
                sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
                nsec: wait.subsec_nanos() as i32,
                flags: 0,
            },
            ..Fetch::default()
        };
        // SAFETY: the kernel reads and writes one `struct pps_fdata` there, whose layout `Fetch` has.
        unsafe { ioctl(&self.device, Updater::<PPS_FETCH, _>::new(&mut fetch)) }?;
        Ok(fetch)
    }
}

impl PulseSource for Pps {
    fn next(&mut self, wait: Duration) -> Result<Option<Timestamp>> {
        let fetched = match self.fetch(wait) {
            Ok(fetched) => fetched,
            Err(Errno::TIMEDOUT | Errno::INTR | Errno::AGAIN) => return Ok(None),
            Err(error) => return Err(Error::Io(error.into())),
        };
        let (sequence, edge) = if self.falling {
            (fetched.clear_sequence, fetched.clear)
        } else {
            (fetched.assert_sequence, fetched.assert)
        };
        // The other edge may have been the news.
        if self.sequence.replace(sequence) == Some(sequence) || sequence == 0 {
            return Ok(None);
        }
        Ok(monotonic(edge))
    }

    fn describe(&self) -> String {
        format!("PPS {}", self.path.display())
    }
}

/// The monotonic time of an instant of the system's time.
fn monotonic(edge: Time) -> Option<Timestamp> {
    let nanos = |time: Timespec| i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec);
    let before = nanos(clock_gettime(ClockId::Monotonic));
    let real = nanos(clock_gettime(ClockId::Realtime));
    let after = nanos(clock_gettime(ClockId::Monotonic));
    let edge = i128::from(edge.sec) * 1_000_000_000 + i128::from(edge.nsec);
    let monotonic = edge + (before + after) / 2 - real;
    u64::try_from(monotonic).ok().map(Timestamp::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pps_device_is_refused() {
        // The number that the kernel's header gives.
        #[cfg(target_pointer_width = "64")]
        assert_eq!(PPS_FETCH, 3_221_778_596);
        let message = Pps::open("/dev/null").unwrap_err().to_string();
        assert!(message.starts_with("the PPS device is /dev/null; expected"));
        let message = Pps::open("/dev/no_such_pps").unwrap_err().to_string();
        assert!(message.contains("/dev/no_such_pps"), "{message}");
    }

    #[test]
    fn the_time_now_is_now() {
        let real = clock_gettime(ClockId::Realtime);
        let edge = Time {
            sec: real.tv_sec,
            nsec: real.tv_nsec as i32,
            flags: 0,
        };
        let there = monotonic(edge).unwrap_or_default();
        let now = crate::clock::monotonic::now();
        assert!(now - there < Duration::from_secs(5) && there - now < Duration::from_millis(10));
    }
}
