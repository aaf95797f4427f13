//! The device: what it can send, and its setting (crate `v4l`).

use std::io;
use std::path::Path;

use v4l::FourCC;
use v4l::capability::Flags;
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::video::Capture;
use v4l::video::capture::Parameters;

use super::choice::{Mode, Wish, choose};
use super::encoding::Encoding;
use crate::{Error, Result};

/// A device that is open and set to a mode.
pub(super) struct Device {
    pub(super) device: v4l::Device,
    pub(super) mode: Mode,
    /// Bytes from one row to the next.
    pub(super) stride: usize,
}

impl Device {
    /// # Errors
    /// [`Error::Invalid`] when there is no such device, it is no capture device, or it sends nothing that is known here;
    /// [`Error::Io`] when it is in use or may not be opened.
    pub(super) fn open(path: &Path, wish: Wish) -> Result<Self> {
        let device = v4l::Device::with_path(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::invalid(
                "the camera",
                format_args!("{}, which is not there", path.display()),
                there_are(),
            ),
            kind => Error::Io(io::Error::new(kind, format!("{}: {error}", path.display()))),
        })?;
        if !captures(&device) {
            return Err(Error::invalid(
                "the camera",
                format_args!("{}, which is no capture device", path.display()),
                there_are(),
            ));
        }
        let at = |error: io::Error| {
            let message = format!("{}: {error}", path.display());
            Error::Io(io::Error::new(error.kind(), message))
        };
        let modes = modes(&device).map_err(at)?;
        let Some(mode) = choose(&modes, wish) else {
            return Err(Error::invalid(
                "the camera",
                format_args!("{}, which sends none of these", path.display()),
                "UYVY, YUYV, NV12, YU12, RGB3, GREY or MJPG",
            ));
        };
        set(device, mode).map_err(at)
    }
}

/// Whether it sends pictures, as a stream of buffers.
fn captures(device: &v4l::Device) -> bool {
    let wanted = Flags::VIDEO_CAPTURE | Flags::STREAMING;
    device
        .query_caps()
        .is_ok_and(|known| known.capabilities.contains(wanted))
}

/// What to give in place of a device that is none.
fn there_are() -> String {
    let entries = std::fs::read_dir("/dev").into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with("video"))
        .map(|name| format!("/dev/{name}"))
        .collect();
    names.sort();
    if names.is_empty() {
        return "a V4L2 capture device; this machine has none".to_owned();
    }
    format!("a V4L2 capture device; there are {}", names.join(", "))
}

fn modes(device: &v4l::Device) -> io::Result<Vec<Mode>> {
    let mut modes = Vec::new();
    for description in Capture::enum_formats(device)? {
        let Some(encoding) = Encoding::of(description.fourcc.repr) else {
            continue;
        };
        for size in Capture::enum_framesizes(device, description.fourcc)? {
            // Of a range, the largest: listing them all can take minutes.
            let (width, height) = match size.size {
                FrameSizeEnum::Discrete(size) => (size.width, size.height),
                FrameSizeEnum::Stepwise(size) => (size.max_width, size.max_height),
            };
            // Some drivers cannot tell their rates.
            let intervals = Capture::enum_frameintervals(device, description.fourcc, width, height);
            let mut rates: Vec<u32> = intervals
                .unwrap_or_default()
                .iter()
                .map(|interval| match &interval.interval {
                    FrameIntervalEnum::Discrete(interval) => interval,
                    FrameIntervalEnum::Stepwise(interval) => &interval.min,
                })
                .map(|interval| millifps(interval.numerator, interval.denominator))
                .collect();
            if rates.is_empty() {
                rates.push(0);
            }
            modes.extend(rates.into_iter().map(|millifps| Mode {
                encoding,
                width,
                height,
                millifps,
            }));
        }
    }
    Ok(modes)
}

/// Of the time between two frames in seconds, as a fraction.
fn millifps(numerator: u32, denominator: u32) -> u32 {
    let rate = (u64::from(denominator) * 1_000).checked_div(numerator.into());
    rate.map_or(0, |rate| rate.try_into().unwrap_or(u32::MAX))
}

fn set(device: v4l::Device, mode: Mode) -> io::Result<Device> {
    let fourcc = FourCC::new(&mode.encoding.fourcc());
    let wanted = v4l::Format::new(mode.width, mode.height, fourcc);
    let got = Capture::set_format(&device, &wanted)?;
    if got.fourcc != fourcc {
        let message = format!("asked for {fourcc}, it was set to {}", got.fourcc);
        return Err(io::Error::other(message));
    }
    if mode.millifps > 0 {
        let interval = v4l::Fraction::new(1_000, mode.millifps);
        // A driver that has one rate only may refuse to be told.
        let _ = Capture::set_params(&device, &Parameters::new(interval));
    }
    let mode = Mode {
        width: got.width,
        height: got.height,
        ..mode
    };
    Ok(Device {
        device,
        mode,
        stride: got.stride as usize,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &str) -> String {
        match Device::open(Path::new(path), Wish::default()) {
            Ok(_) => panic!("{path} is no camera"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_no_camera_is_refused_and_says_what_there_is() {
        let missing = refused("/dev/no-such-camera");
        assert!(
            missing.starts_with(
                "the camera is /dev/no-such-camera, which is not there; expected a V4L2"
            ),
            "{missing}"
        );
        let null = refused("/dev/null");
        assert!(
            null.starts_with(
                "the camera is /dev/null, which is no capture device; expected a V4L2"
            ),
            "{null}"
        );
        assert!(refused("/dev").starts_with("/dev: "), "a folder");
    }

    #[test]
    fn rates_are_counted_in_thousandths() {
        assert_eq!(millifps(1_001, 30_000), 29_970);
        assert_eq!(millifps(0, 30), 0);
        assert_eq!(millifps(1, u32::MAX), u32::MAX);
    }
}
