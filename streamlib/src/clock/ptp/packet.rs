//! Which packets are let in: a master's messages, in our domain, with numbers that can be.

use std::sync::Arc;

use super::masters::Source;
use super::status::ClockIdentity;

/// A message without its suffix: no message that is let in has more.
pub(super) const MOST: usize = 64;
const HEADER: usize = 34;
/// Seconds of the earliest and the latest timestamp: 1970, and the year 2242.
const EARLIEST: u64 = 2;
const LATEST: u64 = 1 << 33;
/// A packet that was longer than a second under way says nothing about the time.
const MOST_CORRECTION: i64 = 1_000_000_000 << 16;
/// IEEE 1588-2019, 9.3.2.5: an announcement from so far away is not qualified.
const MOST_STEPS: u16 = 255;

/// The kinds of message that a slave hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sync,
    FollowUp,
    DelayResponse,
    Announce,
    Signaling,
}

/// Why a packet was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It ends before its message does, or its length is not that of its kind.
    Length,
    /// It is not of version 2.
    Version,
    /// It is of another domain, or another standard's (`majorSdoId`).
    Domain,
    /// It is not for a slave to hear, or comes from a master that only stands by.
    Kind,
    /// It claims to come from us.
    Own,
    /// Its time is one that can't be, or it was under way for longer than a second.
    Time,
    /// It comes from too far away.
    Steps,
    /// It comes from a master that is not one of those that are listened to.
    Master,
}

/// Who we are, and what we listen to.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    pub domain: u8,
    pub identity: [u8; 8],
    /// The clocks whose messages are let in (IEEE 1588-2019, 17.5: the acceptable master table); `None`: everybody's.
    pub masters: Option<Arc<[ClockIdentity]>>,
}

/// A message that was let in: its fixed part, with no suffix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Admitted {
    pub kind: Kind,
    bytes: [u8; MOST],
    length: usize,
}

impl Admitted {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(super) fn sequence(&self) -> u16 {
        u16::from_be_bytes([self.bytes[30], self.bytes[31]])
    }

    /// The port that it comes from.
    pub(super) fn source(&self) -> Source {
        let mut source = Source::default();
        source.copy_from_slice(&self.bytes[20..30]);
        source
    }
}

impl Gate {
    /// Lets a packet in, or says why not. What follows a message in its packet (padding, TLVs) is left
    /// out, and its length corrected.
    pub(super) fn admit(&self, packet: &[u8]) -> Result<Admitted, Refusal> {
        let (kind, length) = self.kind(packet)?;
        let source = packet.get(20..28).ok_or(Refusal::Length)?;
        if source == self.identity {
            return Err(Refusal::Own);
        }
        let is_this = |master: &ClockIdentity| source == master.0;
        if self
            .masters
            .as_ref()
            .is_some_and(|masters| !masters.iter().any(is_this))
        {
            return Err(Refusal::Master);
        }
        match kind {
            Kind::Announce => {
                if packet.get(53..61) == Some(&self.identity[..]) {
                    return Err(Refusal::Own);
                }
                if number::<2>(packet, 61).is_none_or(|steps| steps >= u64::from(MOST_STEPS)) {
                    return Err(Refusal::Steps);
                }
            }
            Kind::Sync if packet[6] & TWO_STEP != 0 => correction(packet)?,
            Kind::Sync | Kind::FollowUp | Kind::DelayResponse => {
                correction(packet)?;
                timestamp(packet)?;
            }
            Kind::Signaling => {}
        }
        let mut bytes = [0; MOST];
        bytes[..length].copy_from_slice(&packet[..length]);
        bytes[2..4].copy_from_slice(&(length as u16).to_be_bytes());
        if kind == Kind::Announce {
            // The last priority is our own: every master comes before us.
            bytes[47] = bytes[47].min(u8::MAX - 1);
        }
        Ok(Admitted {
            kind,
            bytes,
            length,
        })
    }

    /// The kind of a message of our domain, and how long its fixed part is: all of it is there.
    fn kind(&self, packet: &[u8]) -> Result<(Kind, usize), Refusal> {
        let header: &[u8; HEADER] = packet.first_chunk().ok_or(Refusal::Length)?;
        if header[1] & 0xf != 2 {
            return Err(Refusal::Version);
        }
        if header[4] != self.domain || header[0] & 0xf0 != 0 || header[5] != 0 {
            return Err(Refusal::Domain);
        }
        let (kind, length) = match header[0] & 0xf {
            0x0 => (Kind::Sync, 44),
            0x8 => (Kind::FollowUp, 44),
            0x9 => (Kind::DelayResponse, 54),
            0xb => (Kind::Announce, 64),
            0xc => (Kind::Signaling, 44),
            _ => return Err(Refusal::Kind),
        };
        if header[6] & ALTERNATE_MASTER != 0 {
            return Err(Refusal::Kind);
        }
        let said = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if said < length || said > packet.len() {
            return Err(Refusal::Length);
        }
        Ok((kind, length))
    }
}

const ALTERNATE_MASTER: u8 = 1;
const TWO_STEP: u8 = 2;

/// The big-endian number of `N` bytes at a place.
fn number<const N: usize>(packet: &[u8], at: usize) -> Option<u64> {
    let bytes = packet.get(at..at + N)?;
    Some(
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    )
}

fn correction(packet: &[u8]) -> Result<(), Refusal> {
    match number::<8>(packet, 8) {
        Some(bits) if (bits as i64).unsigned_abs() <= MOST_CORRECTION as u64 => Ok(()),
        _ => Err(Refusal::Time),
    }
}

fn timestamp(packet: &[u8]) -> Result<(), Refusal> {
    let (Some(seconds), Some(nanos)) = (number::<6>(packet, 34), number::<4>(packet, 40)) else {
        return Err(Refusal::Length);
    };
    if (EARLIEST..LATEST).contains(&seconds) && nanos < 1_000_000_000 {
        Ok(())
    } else {
        Err(Refusal::Time)
    }
}
