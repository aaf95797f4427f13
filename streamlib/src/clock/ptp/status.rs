//! How good a PTP clock's time is, and whose it is.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use super::UtcOffset;
use crate::Error;
use crate::clock::{ClockState, ClockStatus};

/// The identity of a PTP clock (IEEE 1588-2019, 7.5.2.2): `0011aa.fffe.22bb33`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClockIdentity(pub [u8; 8]);

impl fmt::Display for ClockIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            if place == 3 || place == 5 {
                f.write_str(".")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// As it is displayed, or with other points between the digits (`:`, `-`), or none.
///
/// ```
/// use streamlib::clock::ptp::ClockIdentity;
///
/// let master: ClockIdentity = "0011aa.fffe.22bb33".parse()?;
/// assert_eq!(master, "00:11:aa:ff:fe:22:bb:33".parse()?);
/// assert_eq!(master.to_string(), "0011aa.fffe.22bb33");
/// # Ok::<(), streamlib::Error>(())
/// ```
impl FromStr for ClockIdentity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let points = ['.', ':', '-'];
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(|digit| !points.contains(digit))
            .map(|digit| Some(digit.to_digit(16)? as u8))
            .collect();
        let bytes = digits
            .filter(|digits| digits.len() == 16)
            .map(|digits| std::array::from_fn(|byte| digits[2 * byte] << 4 | digits[2 * byte + 1]));
        bytes.map(Self).ok_or_else(|| {
            let expected = "sixteen hexadecimal digits, such as 0011aa.fffe.22bb33";
            Error::invalid("clock identity", text, expected)
        })
    }
}

/// A sender who says that it is a master, and is not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TurnedAway {
    /// It is not one of those that are to be followed.
    Unlisted(ClockIdentity),
    /// It has the name of one that is at another address.
    Elsewhere(ClockIdentity, Ipv4Addr),
}

impl fmt::Display for TurnedAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlisted(master) => write!(
                f,
                "{master} is not one of the masters that were named, and is refused"
            ),
            Self::Elsewhere(master, from) => write!(
                f,
                "{from} says that it is {master}, which is at another address, and is refused"
            ),
        }
    }
}

/// Where the time stamps of packets are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stamping {
    /// In the kernel, as a packet passes the driver.
    #[default]
    Software,
    /// In the network interface.
    Hardware,
    /// There are no packets: a clock of this machine is read.
    Reading,
}

impl fmt::Display for Stamping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Software => "software timestamps",
            Self::Hardware => "hardware timestamps",
            Self::Reading => "read directly",
        })
    }
}

/// What a [`PtpClock`](super::PtpClock) knows about its time.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PtpStatus {
    /// What the time rests on.
    pub state: ClockState,
    /// What the protocol's port is in.
    pub port: PortState,
    /// The clock that the time comes from in the end, once a master is followed.
    pub grandmaster: Option<ClockIdentity>,
    /// The clock that our packets come from: the grandmaster, or a boundary clock.
    pub master: Option<ClockIdentity>,
    /// How many clocks are between the grandmaster and us, ours counted.
    pub steps_removed: Option<u16>,
    /// This clock minus the master, as it was measured with the newest sync, in nanoseconds.
    pub offset_nanos: Option<i64>,
    /// The root mean square of what was measured so in the last ten seconds, no sync left out, in nanoseconds.
    /// It holds the packets' noise, of which the clock itself follows little: see `uncertainty_nanos`.
    pub offset_rms_nanos: Option<f64>,
    /// The greatest of the same, whatever its sign.
    pub offset_most_nanos: Option<f64>,
    /// How uncertain the master's time is now: one standard deviation, in nanoseconds.
    pub uncertainty_nanos: Option<f64>,
    /// The mean path delay, in nanoseconds.
    pub path_delay_nanos: Option<f64>,
    /// By how much the master runs faster than this machine's oscillator, in parts per million.
    pub frequency_ppm: Option<f64>,
    /// For how long nothing was heard that could be believed, in seconds.
    pub silence_secs: Option<f64>,
    /// Whether the time is TAI, as the SMPTE epoch needs it; else its epoch is the grandmaster's own.
    pub tai: bool,
    /// How far UTC is behind, if the grandmaster knows.
    pub utc: Option<UtcOffset>,
    /// Where timestamps are made.
    pub stamping: Stamping,
    /// How many packets and measurements were refused: garbage, or times that can't be.
    pub refused: u64,
    /// What there is to say beyond that: what it did not get, what its master denies.
    pub notes: Vec<String>,
}

/// The state of the protocol's port, those of IEEE 1588-2019, 9.2.5, that a slave can have. A clock of this machine that
/// is read counts as a master: as one that is followed while it can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PortState {
    /// It waits for a master to announce itself.
    #[default]
    Listening,
    /// It follows a master, but is not close yet.
    Uncalibrated,
    /// It follows a master.
    Slave,
    /// It can't send or hear.
    Faulty,
}

impl fmt::Display for PortState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Listening => "listening",
            Self::Uncalibrated => "uncalibrated",
            Self::Slave => "slave",
            Self::Faulty => "faulty",
        })
    }
}

impl PtpStatus {
    /// The same on one line, as every clock gives it.
    #[must_use]
    pub fn summary(&self) -> ClockStatus {
        ClockStatus::new(self.state, self.detail())
    }

    fn detail(&self) -> String {
        let mut parts = Vec::new();
        match (self.grandmaster, self.stamping) {
            (Some(identity), _) => parts.push(format!("grandmaster {identity}")),
            (None, Stamping::Reading) => {}
            (None, _) => parts.push("no master is heard".to_owned()),
        }
        if let Some(offset) = self.offset_nanos {
            let recent = match (self.offset_rms_nanos, self.offset_most_nanos) {
                (Some(rms), Some(most)) => format!(" (rms {rms:.0}, most {most:.0} in 10 s)"),
                _ => String::new(),
            };
            parts.push(format!("offset {offset} ns{recent}"));
        }
        if let (Some(delay), true) = (self.path_delay_nanos, self.stamping != Stamping::Reading) {
            parts.push(format!("path delay {delay:.0} ns"));
        }
        if let Some(steps) = self.steps_removed {
            parts.push(format!("{steps} {} removed", plural(steps, "step")));
        }
        if let (Some(silence), ClockState::Holdover | ClockState::Lost) =
            (self.silence_secs, self.state)
        {
            parts.push(format!("nothing heard for {silence:.1} s"));
        }
        if self.grandmaster.is_some() && !self.tai {
            parts.push("its time is not TAI".to_owned());
        }
        if let Some(utc) = self.utc {
            parts.push(utc.to_string());
        }
        if self.stamping != Stamping::Reading {
            parts.push(format!("port {}", self.port));
        }
        parts.push(self.stamping.to_string());
        parts.extend(self.notes.iter().cloned());
        parts.join(", ")
    }
}

fn plural(count: u16, word: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{word}{ending}")
}
