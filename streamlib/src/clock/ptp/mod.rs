//! Time from the network: an ordinary clock of IEEE 1588, slave only, for SMPTE ST 2059.
//!
//! [`PtpClock`] listens to the masters of a network and ticks with everybody who does. (Feature `ptp`,
//! Linux only.)
//!
//! What is here: IEEE 1588-2019 over UDP/IPv4 (annex C), end-to-end delay, one-step and two-step masters,
//! multicast, and unicast with its negotiation (16.1); the default profile (annex I.3) and SMPTE ST 2059-2; the
//! alignment of SMPTE ST 2059-1. What is not: IPv6 and Ethernet as transports, peer-to-peer delay, management
//! messages and the organization's TLV of ST 2059-2 (daily jam, time address), authentication.
//!
//! Run so far: software timestamps between network namespaces, and the kernel's TAI. Timestamps of an interface, and the
//! device of a PTP hardware clock, are written by the kernel's documentation and have not been run with such hardware.
//!
//! Without authentication, whoever can send on the network as the master can say what time it is. What is
//! refused is what can be told from the packet: garbage, other versions and domains, times that can't be, masters that are not
//! among those that were named ([`PtpClockBuilder::masters`]), and the name of a master from another address than that
//! from which it announces itself; and once there is a time, whatever is more than a second and a half away from it. What
//! is believed moves the clock by no more than half a millisecond in a second. Who writes a master's address too, and not
//! only its name, is believed: keep such people off the network.

mod clock;
mod estimate;
mod follower;
#[cfg(fuzzing)]
pub(super) mod fuzzing;
mod guard;
mod interface;
mod local;
mod masters;
#[cfg(any(test, fuzzing))]
#[cfg_attr(not(test), expect(dead_code, reason = "the tests use more of it"))]
mod network;
mod overlay;
mod packet;
mod profile;
mod protocol;
mod recent;
mod recorder;
mod servo;
mod session;
mod smpte;
mod socket;
mod status;
mod system;
mod timeline;
mod unicast;
mod utc;
mod waiting;

#[cfg(test)]
mod tests;

pub use clock::{PtpClock, PtpClockBuilder};
pub use profile::Profile;
pub use smpte::media_timestamp;
pub use status::{ClockIdentity, PortState, PtpStatus, Stamping};
pub use system::SystemSource;
pub use utc::{Leap, Utc, UtcOffset};
