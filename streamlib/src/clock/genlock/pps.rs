//! A pulse a second (or any other rate) from a PPS device of Linux: `/dev/pps0`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;
use rustix::ioctl::{Getter, Setter, Updater, ioctl, opcode};
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

/// `struct pps_kparams`: what the device is asked to capture.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct Params {
    api_version: i32,
    mode: i32,
    assert_offset: Time,
    clear_offset: Time,
}

const _: () = assert!(size_of::<Params>() == 40);

/// The others' numbers are made with the size of a pointer too.
const PPS_GETPARAMS: rustix::ioctl::Opcode = opcode::read::<*mut Params>(b'p', 0xa1);
const PPS_SETPARAMS: rustix::ioctl::Opcode = opcode::write::<*mut Params>(b'p', 0xa2);
const PPS_GETCAP: rustix::ioctl::Opcode = opcode::read::<*mut i32>(b'p', 0xa3);

/// The bit of a mode for falling edges.
const PPS_CAPTURECLEAR: i32 = 2;

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

    /// The falling edges instead. Many drivers (pps-gpio, for one) don't capture them until they are told to, which is done
    /// here and stays so for all who read the device.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the device can't capture them, [`Error::Io`] if it must be told to and this program may not
    /// (`CAP_SYS_TIME`).
    pub fn falling(mut self) -> Result<Self> {
        let about = |what: &str, error: Errno| {
            let error = std::io::Error::from(error);
            Error::Io(std::io::Error::new(
                error.kind(),
                format!("{}: {what}: {error}", self.path.display()),
            ))
        };
        let mut params = self
            .params()
            .map_err(|error| about("what it captures can't be asked for", error))?;
        let can = self
            .can()
            .map_err(|error| about("what it can capture can't be asked for", error))?;
        if let Some(mode) = with_falling(params.mode, can, &self.path)? {
            params.mode = mode;
            self.set_params(params).map_err(|error| {
                about(
                    "its falling edges are not captured, and to change that takes CAP_SYS_TIME",
                    error,
                )
            })?;
        }
        self.falling = true;
        Ok(self)
    }

    fn params(&self) -> Result<Params, Errno> {
        // SAFETY: the kernel writes one `struct pps_kparams` there, whose layout `Params` has.
        unsafe { ioctl(&self.device, Getter::<PPS_GETPARAMS, Params>::new()) }
    }

    fn can(&self) -> Result<i32, Errno> {
        // SAFETY: the kernel writes one `int` there.
        unsafe { ioctl(&self.device, Getter::<PPS_GETCAP, i32>::new()) }
    }

    fn set_params(&self, params: Params) -> Result<(), Errno> {
        // SAFETY: the kernel reads one `struct pps_kparams` there, whose layout `Params` has.
        unsafe { ioctl(&self.device, Setter::<PPS_SETPARAMS, Params>::new(params)) }
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

/// The mode to be set so that falling edges are captured, of a device that has `mode` and can capture what `can` says; `None`
/// if they are already.
fn with_falling(mode: i32, can: i32, path: &Path) -> Result<Option<i32>> {
    if mode & PPS_CAPTURECLEAR != 0 {
        return Ok(None);
    }
    if can & PPS_CAPTURECLEAR == 0 {
        return Err(Error::invalid(
            "the PPS device for falling edges",
            path.display(),
            "one whose driver can capture them (pps-gpio: `capture-clear` in its device tree); leave `falling()` out for rising ones",
        ));
    }
    Ok(Some(mode | PPS_CAPTURECLEAR))
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
        assert_eq!(
            [PPS_FETCH, PPS_GETPARAMS, PPS_SETPARAMS, PPS_GETCAP],
            [0xc008_70a4, 0x8008_70a1, 0x4008_70a2, 0x8008_70a3]
        );
        let message = Pps::open("/dev/null").unwrap_err().to_string();
        assert!(message.starts_with("the PPS device is /dev/null; expected"));
        let message = Pps::open("/dev/no_such_pps").unwrap_err().to_string();
        assert!(message.contains("/dev/no_such_pps"), "{message}");
    }

    #[test]
    fn falling_edges_are_captured_where_they_can_be() {
        let path = Path::new("/dev/pps7");
        // What pps-gpio begins with: rising edges, an offset of theirs, and times in nanoseconds.
        let (mode, can) = (0x1011, 0x1111);
        let message = with_falling(mode, can, path).unwrap_err().to_string();
        assert!(
            message
                .starts_with("the PPS device for falling edges is /dev/pps7; expected one whose"),
            "{message}"
        );
        assert_eq!(
            with_falling(mode, can | 0x22, path).ok(),
            Some(Some(0x1013))
        );
        assert_eq!(with_falling(0x1003, can | 0x22, path).ok(), Some(None));
        // On what is no PPS device the calls fail, each with its name.
        let device = open(Path::new("/dev/null")).expect("every Linux has it");
        let pps = Pps {
            device,
            path: "/dev/null".into(),
            falling: false,
            sequence: None,
        };
        assert_eq!(pps.can(), Err(Errno::NOTTY));
        assert_eq!(pps.set_params(Params::default()), Err(Errno::NOTTY));
        let message = pps.falling().unwrap_err().to_string();
        assert!(
            message.starts_with("/dev/null: what it captures"),
            "{message}"
        );
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
