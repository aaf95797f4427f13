//! Following a clock of this machine that others keep: a PTP hardware clock, or the kernel's TAI.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::estimate::{Direction, Exchange};
use super::follower::Follower;
use super::guard::ended;
use super::local::{self, Pair, StampClock};
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
        let reading = clock.pair();
        follower.set_now(local::now());
        take(follower, reading);
    }
}

/// Takes a reading in, or that there is none.
fn take(follower: &Follower, reading: std::io::Result<Pair>) {
    let fault = match reading {
        Ok(Pair { local, stamp }) => {
            follower.take(Exchange {
                direction: Direction::Reading,
                local,
                master: stamp,
            });
            None
        }
        Err(error) => Some(format!("it can't be read: {error}")),
    };
    follower.learn(|facts| {
        facts.following = fault.is_none();
        facts.fault = fault;
    });
    follower.tell();
}

#[cfg(test)]
mod tests {
    use std::io::Error;

    use super::*;
    use crate::clock::ClockState;
    use crate::clock::ptp::PortState;
    use crate::clock::ptp::follower::Facts;
    use crate::clock::ptp::servo::Patience;
    use crate::clock::ptp::status::Stamping;

    const SECOND: i64 = 1_000_000_000;
    const AHEAD: i64 = 1_790_000_000 * SECOND;

    /// A clock that is read, on simulated time.
    struct Read {
        follower: Follower,
        now: i64,
        ahead: i64,
    }

    impl Read {
        fn new() -> Self {
            let patience = Patience {
                holdover: SECOND,
                lost: 600 * SECOND,
            };
            let facts = Facts {
                tai: true,
                stamping: Stamping::Reading,
                ..Facts::default()
            };
            Self {
                follower: Follower::new(patience, facts),
                now: 5 * SECOND,
                ahead: AHEAD,
            }
        }

        /// Reads it for so many seconds. Our time goes on, and no faster or slower than it may.
        fn run(&mut self, seconds: i64) {
            let end = self.now + seconds * SECOND;
            while self.now < end {
                let before = self.time();
                self.now += SECOND / 8;
                // Some microseconds off, this way and that.
                let noise = (self.now / 7) % 4_001 - 2_000;
                self.reads(Ok(Pair {
                    local: self.now,
                    stamp: self.now + self.ahead + noise,
                }));
                if let (Some(before), Some(after)) = (before, self.time()) {
                    let gained = (after - before - SECOND / 8) as f64 / (SECOND as f64 / 8.0);
                    assert!(gained.abs() < 650e-6, "{gained}");
                }
            }
        }

        fn reads(&mut self, reading: std::io::Result<Pair>) {
            self.follower.set_now(self.now);
            take(&self.follower, reading);
        }

        fn time(&self) -> Option<i64> {
            let overlay = self.follower.with_servo(|servo| servo.overlay().copied());
            overlay.map(|overlay| overlay.time(self.now))
        }

        /// Ours minus the other.
        fn error(&self) -> i64 {
            self.time().expect("it has locked") - self.now - self.ahead
        }

        fn state(&self) -> (ClockState, PortState) {
            let status = self.follower.status_at(self.now);
            (status.state, status.port)
        }
    }

    #[test]
    fn a_clock_that_is_read_is_followed_and_says_so() {
        let mut clock = Read::new();
        assert_eq!(clock.state(), (ClockState::Acquiring, PortState::Listening));
        clock.run(10);
        assert_eq!(clock.state(), (ClockState::Locked, PortState::Slave));
        assert!(clock.error().abs() < 5_000, "{} ns", clock.error());
        let told = clock.follower.status_at(clock.now).summary().to_string();
        let end = told.strip_prefix("locked: offset ").expect(&told);
        assert!(end.ends_with(" in 10 s), read directly"), "{told}");
        // It can't be read any more, and is held in silence.
        clock.now += 2 * SECOND;
        clock.reads(Err(Error::other("it is gone")));
        assert_eq!(clock.state(), (ClockState::Holdover, PortState::Faulty));
        let told = clock.follower.status_at(clock.now).summary().to_string();
        assert!(
            told.ends_with(" nothing heard for 2.0 s, read directly, it can't be read: it is gone"),
            "{told}"
        );
        clock.run(2);
        assert_eq!(clock.state(), (ClockState::Locked, PortState::Slave));
    }

    #[test]
    fn a_step_is_slewed_to_up_to_a_leap_second_and_more_is_refused() {
        // A second is what it is if the other keeps UTC, and puts one in.
        for step in [SECOND / 5, -SECOND / 5, -SECOND, SECOND] {
            let mut clock = Read::new();
            clock.run(10);
            clock.ahead += step;
            clock.run(10);
            assert_eq!(
                clock.state(),
                (ClockState::Acquiring, PortState::Uncalibrated)
            );
            let left = clock.error().abs();
            assert!(
                (step.abs() - 6_000_000..step.abs()).contains(&left),
                "{left} ns"
            );
            // Half a millisecond a second.
            clock.run(step.abs() / 500_000 + 60);
            assert_eq!(clock.state(), (ClockState::Locked, PortState::Slave));
            assert!(clock.error().abs() < 5_000, "{} ns", clock.error());
        }
        for step in [2 * SECOND, -2 * SECOND] {
            let mut clock = Read::new();
            clock.run(10);
            clock.ahead += step;
            clock.run(60);
            assert_eq!(clock.state(), (ClockState::Lost, PortState::Uncalibrated));
            // Held, against where it was.
            assert!(
                (clock.error() + step).abs() < 200_000,
                "{} ns",
                clock.error()
            );
            let notes = clock.follower.status_at(clock.now).notes.concat();
            assert!(notes.contains("2.000 s away"), "{notes}");
        }
    }
}
