//! Following a clock of this machine that others keep: a PTP hardware clock, or the kernel's TAI.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::estimate::{Direction, Exchange};
use super::follower::Follower;
use super::guard::ended;
use super::local::{self, StampClock};
use crate::{Error, Result};

/// How often it is read.
const INTERVAL: Duration = Duration::from_millis(125);

/// A clock of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SystemSource {
    /// A PTP hardware clock such as `/dev/ptp0`, which ptp4l keeps on TAI. Not run with such a device so far.
    Device(PathBuf),
    /// The kernel's clock as TAI: `CLOCK_REALTIME`, which phc2sys or an NTP daemon keeps, and the
    /// seconds between UTC and TAI that it told the kernel.
    Tai,
}

/// `CLOCK_TAI` and `CLOCK_REALTIME` are the kernel's clock; anything else is the path of a device.
impl From<&str> for SystemSource {
    fn from(name: &str) -> Self {
        match name {
            "CLOCK_TAI" | "CLOCK_REALTIME" => Self::Tai,
            path => Self::Device(path.into()),
        }
    }
}

impl From<&Path> for SystemSource {
    fn from(path: &Path) -> Self {
        Self::Device(path.into())
    }
}

impl From<PathBuf> for SystemSource {
    fn from(path: PathBuf) -> Self {
        Self::Device(path)
    }
}

impl SystemSource {
    /// Opens the clock, with what there is to say about it.
    pub(super) fn open(&self) -> Result<(StampClock, Option<String>)> {
        match self {
            Self::Device(path) => {
                let clock = StampClock::device(path).map_err(|error| {
                    Error::invalid(
                        "clock",
                        format_args!("{} ({error})", path.display()),
                        "the device of a PTP hardware clock, such as /dev/ptp0, that this program may \
                         read, or CLOCK_TAI",
                    )
                })?;
                Ok((clock, None))
            }
            Self::Tai => {
                let note = (StampClock::Tai.pair()?.stamp - StampClock::Realtime.pair()?.stamp
                    < 1_000_000_000)
                    .then(|| {
                        "the kernel was not told how far TAI is ahead of UTC, and so this is UTC"
                            .to_owned()
                    });
                Ok((StampClock::Tai, note))
            }
        }
    }
}

/// Reads the clock until `end` ends.
pub(super) fn run(clock: &StampClock, follower: &Arc<Follower>, end: &UnixStream) {
    // A read that waits is what it sleeps in, so that the end wakes it.
    let timed = end
        .set_nonblocking(false)
        .and(end.set_read_timeout(Some(INTERVAL)));
    if let Err(error) = timed {
        tracing::error!(%error, "the system's clock can't be followed");
        return;
    }
    while !ended(end) {
        match clock.pair() {
            Ok(pair) => {
                follower.set_now(local::now());
                follower.take(Exchange {
                    direction: Direction::Reading,
                    local: pair.local,
                    master: pair.stamp,
                });
                follower.learn(|facts| facts.fault = None);
            }
            Err(error) => {
                let fault = format!("it can't be read: {error}");
                follower.learn(|facts| facts.fault = Some(fault));
            }
        }
    }
}
