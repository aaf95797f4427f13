//! The frames of a V4L2 capture device as pulses: the instants at which its driver had each of them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;
use rustix::ioctl::{Setter, Updater, ioctl, opcode};

use super::device::{open, readable};
use super::source::PulseSource;
use crate::time::Timestamp;
use crate::{Error, Result};

/// `struct v4l2_requestbuffers` of `linux/videodev2.h`.
#[repr(C)]
#[derive(Default)]
struct RequestBuffers {
    count: u32,
    kind: u32,
    memory: u32,
    capabilities: u32,
    flags: u32,
}

/// `struct v4l2_buffer`.
#[repr(C)]
#[derive(Default)]
struct Buffer {
    index: u32,
    kind: u32,
    bytes_used: u32,
    flags: u32,
    field: u32,
    seconds: std::ffi::c_long,
    micros: std::ffi::c_long,
    timecode: [u32; 4],
    sequence: u32,
    memory: u32,
    /// A union, of which only a pointer is as wide and as aligned.
    place: usize,
    length: u32,
    reserved: u32,
    request: u32,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(
    size_of::<Buffer>() == 88
        && std::mem::offset_of!(Buffer, seconds) == 24
        && std::mem::offset_of!(Buffer, memory) == 60
);

const REQUEST_BUFFERS: rustix::ioctl::Opcode = opcode::read_write::<RequestBuffers>(b'V', 8);
const QUEUE: rustix::ioctl::Opcode = opcode::read_write::<Buffer>(b'V', 15);
const DEQUEUE: rustix::ioctl::Opcode = opcode::read_write::<Buffer>(b'V', 17);
const STREAM_ON: rustix::ioctl::Opcode = opcode::write::<std::ffi::c_int>(b'V', 18);

const CAPTURE: u32 = 1;
const MAPPED: u32 = 1;
const TIMESTAMP_KIND: u32 = 0xe000;
const TIMESTAMP_MONOTONIC: u32 = 0x2000;
const BUFFERS: u32 = 4;

/// The frames that a V4L2 capture device (a camera, a capture card) takes, each at the instant that its
/// driver stamps it with.
///
/// ```no_run
/// use streamlib::clock::{CaptureFrames, GenlockClock};
///
/// let house = GenlockClock::new(CaptureFrames::open("/dev/video0")?);
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// It makes the device stream, in the format that it is set to, and looks at no picture; the device
/// must be free. Not run with a device so far.
#[derive(Debug)]
pub struct CaptureFrames {
    device: File,
    path: PathBuf,
}

impl CaptureFrames {
    /// The frames of the device at `path`, which begins to stream.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it can't be opened or is in use, [`Error::Invalid`] if it is no capture device that streams.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let device = open(&path)?;
        let capture = Self { device, path };
        match capture.start() {
            Ok(()) => Ok(capture),
            Err(Errno::NOTTY | Errno::INVAL) => Err(Error::invalid(
                "the capture device",
                capture.path.display(),
                "a V4L2 capture device that streams, such as /dev/video0",
            )),
            Err(error) => Err(Error::Io(error.into())),
        }
    }

    fn start(&self) -> Result<(), Errno> {
        let mut request = RequestBuffers {
            count: BUFFERS,
            kind: CAPTURE,
            memory: MAPPED,
            ..RequestBuffers::default()
        };
        // SAFETY: the kernel reads and writes one `struct v4l2_requestbuffers` there, whose layout it has.
        unsafe {
            ioctl(
                &self.device,
                Updater::<REQUEST_BUFFERS, _>::new(&mut request),
            )
        }?;
        for index in 0..request.count {
            self.queue(index)?;
        }
        let kind = CAPTURE as std::ffi::c_int;
        // SAFETY: the kernel reads one `int` there.
        unsafe { ioctl(&self.device, Setter::<STREAM_ON, _>::new(kind)) }
    }

    /// Gives a buffer back to the driver. Nobody maps it: only its timestamp is looked at.
    fn queue(&self, index: u32) -> Result<(), Errno> {
        let mut buffer = Buffer {
            index,
            kind: CAPTURE,
            memory: MAPPED,
            ..Buffer::default()
        };
        // SAFETY: the kernel reads and writes one `struct v4l2_buffer` there, whose layout `Buffer` has;
        // it is no array of planes for this kind, so that no pointer in it is followed.
        unsafe { ioctl(&self.device, Updater::<QUEUE, _>::new(&mut buffer)) }
    }

    fn dequeue(&self) -> Result<Buffer, Errno> {
        let mut buffer = Buffer {
            kind: CAPTURE,
            memory: MAPPED,
            ..Buffer::default()
        };
        // SAFETY: as in `queue`.
        unsafe { ioctl(&self.device, Updater::<DEQUEUE, _>::new(&mut buffer)) }?;
        Ok(buffer)
    }
}

impl PulseSource for CaptureFrames {
    fn next(&mut self, wait: Duration) -> Result<Option<Timestamp>> {
        if !readable(&self.device, wait)? {
            return Ok(None);
        }
        let buffer = match self.dequeue() {
            Ok(buffer) => buffer,
            Err(Errno::AGAIN | Errno::INTR) => return Ok(None),
            Err(Errno::NODEV) => return Err(Error::EndOfStream),
            Err(error) => return Err(Error::Io(error.into())),
        };
        self.queue(buffer.index)
            .map_err(|error| Error::Io(error.into()))?;
        if buffer.flags & TIMESTAMP_KIND != TIMESTAMP_MONOTONIC {
            return Err(Error::invalid(
                "the clock of the capture device's timestamps",
                format_args!("{:#x}", buffer.flags & TIMESTAMP_KIND),
                "the monotonic one, by which drivers of live devices stamp",
            ));
        }
        let (Ok(seconds), Ok(micros)) =
            (u64::try_from(buffer.seconds), u64::try_from(buffer.micros))
        else {
            return Ok(None);
        };
        Ok(Some(Timestamp::from_nanos(
            seconds.saturating_mul(1_000_000_000) + micros * 1_000,
        )))
    }

    fn describe(&self) -> String {
        format!("frames of {}", self.path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_capture_device_is_refused() {
        // The numbers that the kernel's header gives.
        #[cfg(target_pointer_width = "64")]
        assert_eq!(
            (REQUEST_BUFFERS, QUEUE, DEQUEUE, STREAM_ON),
            (3_222_558_216, 3_227_014_671, 3_227_014_673, 1_074_026_002)
        );
        let message = CaptureFrames::open("/dev/null").unwrap_err().to_string();
        assert!(message.starts_with("the capture device is /dev/null; expected"));
    }
}
