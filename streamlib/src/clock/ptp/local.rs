//! The monotonic time of an event that another clock of this machine has stamped.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;

use rustix::time::{ClockId, DynamicClockId, Timespec, clock_gettime, clock_gettime_dynamic};

use crate::clock::monotonic;

/// A stamp that is older than this, or from the future by more, has been overtaken by a step of its clock.
const OLDEST: i64 = 1_000_000_000;
const FUTURE: i64 = 1_000_000;
/// Of so many pairs of readings the one counts that took the least time.
const READINGS: usize = 4;

/// A clock of this machine that stamps events.
#[derive(Debug)]
pub(super) enum StampClock {
    /// `CLOCK_REALTIME`, with which the kernel stamps packets.
    Realtime,
    /// `CLOCK_TAI`, which is `CLOCK_REALTIME` and the seconds that it lacks.
    Tai,
    /// The clock of a network interface, `/dev/ptp*`.
    Device(File),
}

/// Two clocks read at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub local: i64,
    pub stamp: i64,
}

impl StampClock {
    pub(super) fn device(path: &Path) -> std::io::Result<Self> {
        let device = Self::Device(File::open(path)?);
        device.read()?;
        Ok(device)
    }

    /// This clock and the monotonic one, read together.
    pub(super) fn pair(&self) -> std::io::Result<Pair> {
        let mut best: Option<(i64, Pair)> = None;
        let mut before = now();
        for _ in 0..READINGS {
            let stamp = self.read()?;
            let after = now();
            let took = after - before;
            if best.is_none_or(|(least, _)| took < least) {
                let local = before + took / 2;
                best = Some((took, Pair { local, stamp }));
            }
            before = after;
        }
        best.map(|(_, pair)| pair)
            .ok_or_else(|| std::io::Error::other("no reading"))
    }

    /// The monotonic time at which this clock showed `stamp`, a moment ago.
    pub(super) fn local(&self, stamp: i64) -> Option<i64> {
        let pair = self.pair().ok()?;
        let age = pair.stamp.checked_sub(stamp)?;
        (-FUTURE..=OLDEST).contains(&age).then(|| pair.local - age)
    }

    fn read(&self) -> std::io::Result<i64> {
        Ok(nanos(match self {
            Self::Realtime => clock_gettime(ClockId::Realtime),
            Self::Tai => clock_gettime_dynamic(DynamicClockId::Tai)?,
            Self::Device(file) => clock_gettime_dynamic(DynamicClockId::Dynamic(file.as_fd()))?,
        }))
    }
}

/// Nanoseconds of the monotonic clock.
pub(super) fn now() -> i64 {
    super::smpte::nanos(monotonic::now())
}

fn nanos(time: Timespec) -> i64 {
    time.tv_sec
        .saturating_mul(1_000_000_000)
        .saturating_add(time.tv_nsec)
}
