//! The vertical blanks of a display as pulses, by the kernel's DRM.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;
use rustix::ioctl::{Updater, ioctl, opcode};

use super::device::{open, readable};
use super::source::PulseSource;
use crate::time::Timestamp;
use crate::{Error, Result};

/// `struct drm_wait_vblank_request` of `drm/drm.h`, as wide as the union that it is a part of.
#[repr(C)]
#[derive(Default)]
struct WaitBlank {
    kind: u32,
    sequence: u32,
    signal: std::ffi::c_ulong,
    _reply: std::ffi::c_long,
}

/// `struct drm_get_cap`.
#[repr(C)]
struct Capability {
    which: u64,
    value: u64,
}

const WAIT_BLANK: rustix::ioctl::Opcode = opcode::read_write::<WaitBlank>(b'd', 0x3a);
const GET_CAPABILITY: rustix::ioctl::Opcode = opcode::read_write::<Capability>(b'd', 0x0c);

const TIMESTAMP_MONOTONIC: u64 = 6;
/// An event is wanted, and nothing waits in the kernel.
const AS_EVENT: u32 = 0x0400_0000;
/// Where the number of the display's controller stands.
const CONTROLLER_SHIFT: u32 = 1;
const CONTROLLER_MOST: u32 = 31;
/// The event of a vertical blank, and its length: `struct drm_event_vblank`.
const EVENT_BLANK: u32 = 1;
const EVENT_LENGTH: usize = 32;

/// The vertical blanks of a display, each at the instant that its driver stamps it with.
///
/// ```no_run
/// use streamlib::clock::{GenlockClock, VerticalBlank};
///
/// // The first controller (CRTC) of the card; the ticks come as often as its display refreshes.
/// let house = GenlockClock::new(VerticalBlank::open("/dev/dri/card0", 0)?);
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// A display that is off has none. Not run with a display so far.
#[derive(Debug)]
pub struct VerticalBlank {
    device: File,
    path: PathBuf,
    controller: u32,
    /// Whether an event has been asked for and not come.
    asked: bool,
    /// Events that came with others.
    events: Vec<Timestamp>,
}

impl VerticalBlank {
    /// The blanks of a display controller (CRTC, counted from 0) of the card at `path`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it can't be opened, [`Error::Invalid`] if it is no DRM card that stamps in
    /// monotonic time, or if there are no so many controllers.
    pub fn open(path: impl AsRef<Path>, controller: u32) -> Result<Self> {
        let path = path.as_ref().to_owned();
        if controller > CONTROLLER_MOST {
            return Err(Error::invalid(
                "the display controller",
                controller,
                "0 for the first one, at most 31",
            ));
        }
        let device = open(&path)?;
        let mut capability = Capability {
            which: TIMESTAMP_MONOTONIC,
            value: 0,
        };
        // SAFETY: the kernel reads and writes one `struct drm_get_cap` there, whose layout it has.
        let answer = unsafe { ioctl(&device, Updater::<GET_CAPABILITY, _>::new(&mut capability)) };
        if answer.is_err() || capability.value == 0 {
            return Err(Error::invalid(
                "the display's card",
                path.display(),
                "a DRM card that stamps in monotonic time, such as /dev/dri/card0",
            ));
        }
        Ok(Self {
            device,
            path,
            controller,
            asked: false,
            events: Vec::new(),
        })
    }

    /// Asks for the event of the next blank.
    fn ask(&mut self) -> Result<()> {
        let mut wait = WaitBlank {
            kind: AS_EVENT | (self.controller << CONTROLLER_SHIFT),
            sequence: 1,
            ..WaitBlank::default()
        };
        // SAFETY: the kernel reads and writes one `union drm_wait_vblank` there, whose size and layout
        // it has.
        match unsafe { ioctl(&self.device, Updater::<WAIT_BLANK, _>::new(&mut wait)) } {
            Ok(()) => {
                self.asked = true;
                Ok(())
            }
            Err(Errno::INTR) => Ok(()),
            Err(error) => Err(Error::Io(error.into())),
        }
    }
}

impl PulseSource for VerticalBlank {
    fn next(&mut self, wait: Duration) -> Result<Option<Timestamp>> {
        if !self.events.is_empty() {
            return Ok(Some(self.events.remove(0)));
        }
        if !self.asked {
            self.ask()?;
        }
        if !readable(&self.device, wait)? {
            return Ok(None);
        }
        let mut bytes = [0; 1024];
        let length = match std::io::Read::read(&mut self.device, &mut bytes) {
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => return Ok(None),
            Err(error) => return Err(Error::Io(error)),
        };
        self.events = blanks(bytes.get(..length).unwrap_or_default());
        // Asked again at once, or the next one would be missed.
        if !self.events.is_empty() {
            self.asked = false;
            self.ask()?;
        }
        self.next(Duration::ZERO)
    }

    fn describe(&self) -> String {
        format!("display {} of {}", self.controller, self.path.display())
    }
}

/// The instants of the blanks among the events that were read.
fn blanks(mut bytes: &[u8]) -> Vec<Timestamp> {
    let mut blanks = Vec::new();
    let word = |bytes: &[u8], at: usize| -> Option<u32> {
        Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    while let (Some(kind), Some(length)) = (word(bytes, 0), word(bytes, 4)) {
        if kind == EVENT_BLANK
            && length as usize >= EVENT_LENGTH
            && let (Some(seconds), Some(micros)) = (word(bytes, 16), word(bytes, 20))
        {
            let nanos = u64::from(seconds) * 1_000_000_000 + u64::from(micros) * 1_000;
            blanks.push(Timestamp::from_nanos(nanos));
        }
        // Each has a head of eight bytes at least: there is an end.
        bytes = bytes.get((length as usize).max(8)..).unwrap_or_default();
    }
    blanks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_card_is_refused() {
        let message = VerticalBlank::open("/dev/null", 0).unwrap_err().to_string();
        assert!(message.starts_with("the display's card is /dev/null; expected"));
        let message = VerticalBlank::open("/dev/null", 99)
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("the display controller is 99; expected"));
    }

    #[test]
    fn reads_events_whatever_they_are() {
        let event = |kind: u32, length: u32, seconds: u32, micros: u32| {
            let mut bytes = vec![0_u8; (length as usize).max(8)];
            bytes[..4].copy_from_slice(&kind.to_ne_bytes());
            bytes[4..8].copy_from_slice(&length.to_ne_bytes());
            if bytes.len() >= 24 {
                bytes[16..20].copy_from_slice(&seconds.to_ne_bytes());
                bytes[20..24].copy_from_slice(&micros.to_ne_bytes());
            }
            bytes
        };
        let bytes = [
            event(1, 32, 5, 250_000),
            event(2, 32, 6, 0),
            event(1, 32, 7, 1),
            event(1, 0, 0, 0),
        ]
        .concat();
        let expected = [5_250_000_000, 7_000_001_000].map(Timestamp::from_nanos);
        assert_eq!(blanks(&bytes), expected);
        for end in 0..bytes.len() {
            assert!(blanks(&bytes[..end]).len() <= 2);
        }
    }
}
