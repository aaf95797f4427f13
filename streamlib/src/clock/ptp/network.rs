//! A master and the way to it, simulated: packets in bytes, with jitter, loss and lies.

use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::clock::ClockState;

use super::estimate::Direction;
use super::follower::{Facts, Follower};
use super::masters::Source;
use super::overlay::MOST_SLEW;
use super::packet::Gate;
use super::profile::Profile;
use super::protocol::{self, Protocol, Request};
use super::servo::Patience;
use super::utc::Leap;

pub(super) const SECOND: i64 = 1_000_000_000;
pub(super) const MASTER: [u8; 8] = [0, 0x11, 0x22, 0xff, 0xfe, 0x33, 0x44, 0x55];
pub(super) const US: [u8; 8] = [2, 0, 0, 0, 0, 0, 0, 9];
pub(super) const DOMAIN: u8 = 127;
/// Where the master is, and where it is not.
pub(super) const THERE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
pub(super) const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 66);
/// The master is ahead of our monotonic clock by so much, and faster.
const AHEAD: i64 = 1_790_000_000 * SECOND;
const FASTER: f64 = 40e-6;
const DELAY: i64 = 60_000;
const FIRST: i64 = 5 * SECOND;
/// The time is TAI, and how far UTC is behind is known.
const TIMESCALE: u8 = 0x0c;

/// The numbers of a linear congruential generator (Knuth's), for tests that are the same on every run.
pub(super) struct Random(pub u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, limit: i64) -> i64 {
        self.next() as i64 % limit.max(1)
    }
}

/// A packet that has come.
pub(super) struct Trip {
    pub direction: Direction,
    pub at: i64,
    /// How long it took.
    pub way: i64,
}

pub(super) struct Network {
    pub follower: Arc<Follower>,
    protocol: Protocol<'static>,
    profile: Profile,
    random: Random,
    pub now: i64,
    next_announce: i64,
    next_sync: i64,
    sequence: u16,
    moved: i64,
    lie: i64,
    /// TAI − UTC as the master announces it, and the leap second.
    pub utc: (i16, Leap),
    /// The states that were told, one after the other.
    pub told: Vec<ClockState>,
    /// The syncs and the delay requests that have come.
    pub trips: Vec<Trip>,
    /// Where the master is.
    pub there: Ipv4Addr,
    pub silent: bool,
    pub jitter: i64,
    pub loss: f64,
    /// How many packets of a hundred come late, and by how much at most.
    pub stragglers: i64,
    pub late: i64,
}

impl Network {
    pub(super) fn new(profile: Profile, seed: u64) -> Self {
        let patience = Patience {
            holdover: profile.sync_timeout().as_nanos() as i64,
            lost: 600 * SECOND,
        };
        let follower = Arc::new(Follower::new(patience, Facts::default()));
        follower.set_now(FIRST);
        let gate = Gate {
            domain: DOMAIN,
            identity: US,
            masters: None,
        };
        // Statime's instance has to outlive its port: a test's few bytes are left to the end of the program.
        let instance = Box::leak(Box::new(protocol::instance(&gate)));
        Self {
            protocol: Protocol::new(instance, Arc::clone(&follower), gate, profile),
            follower,
            profile,
            random: Random(seed),
            now: FIRST,
            next_announce: FIRST,
            next_sync: FIRST,
            sequence: 0,
            moved: 0,
            lie: 0,
            utc: (37, Leap::Insert),
            told: Vec::new(),
            trips: Vec::new(),
            there: THERE,
            silent: false,
            jitter: 5_000,
            loss: 0.0,
            stragglers: 0,
            late: 20_000_000,
        }
    }

    /// The master's time at a local one.
    pub(super) fn master(&self, local: i64) -> i64 {
        local + AHEAD + (local as f64 * FASTER) as i64 + self.moved
    }

    pub(super) fn step_master(&mut self, by: i64) {
        self.moved += by;
    }

    /// The next sync is off by so much.
    pub(super) fn lie(&mut self, by: i64) {
        self.lie = by;
    }

    pub(super) fn state(&self) -> ClockState {
        self.follower.with_servo(|servo| servo.state(self.now))
    }

    pub(super) fn time(&self) -> Option<i64> {
        let overlay = self.follower.with_servo(|servo| servo.overlay().copied());
        overlay.map(|overlay| overlay.time(self.now))
    }

    /// Our time minus the master's.
    pub(super) fn error(&self) -> i64 {
        self.time().expect("a time") - self.master(self.now)
    }

    /// Lets so much time pass, in steps of a millisecond; our time never runs faster or slower than it may.
    pub(super) fn run(&mut self, nanos: i64) {
        let end = self.now + nanos;
        while self.now < end {
            let before = self.time();
            self.now += 1_000_000;
            self.step();
            if let (Some(before), Some(after)) = (before, self.time()) {
                let rate = (after - before) as f64 / 1e6;
                let most = MOST_SLEW + 150e-6;
                assert!((rate - 1.0).abs() <= most, "{rate} at {}", self.now);
            }
        }
    }

    /// A packet comes from where the master is.
    pub(super) fn hear(&mut self, packet: &[u8], at: i64) {
        self.hear_from(self.there, packet, at);
    }

    /// A packet comes from an address. What is not the followed master's leaves the time as it is.
    pub(super) fn hear_from(&mut self, from: Ipv4Addr, packet: &[u8], at: i64) {
        self.follower.set_now(self.now);
        let followed = self.protocol.followed();
        let before = self.says();
        if let Some(message) = self.protocol.admit(packet, from) {
            self.protocol.hear(&message, from, Some(at));
        }
        let is_the_masters = from == self.there
            && followed.is_some()
            && packet.get(20..30) == followed.as_ref().map(|port| &port[..]);
        assert!(
            is_the_masters || self.says() == before,
            "moved by {packet:?}"
        );
    }

    /// The followed port.
    pub(super) fn followed(&self) -> Option<Source> {
        self.protocol.followed()
    }

    /// What the clock says of the next ten seconds.
    pub(super) fn says(&self) -> Vec<i64> {
        let overlay = self.follower.with_servo(|servo| servo.overlay().copied());
        let seconds = 0..10;
        let time = |second| Some(overlay?.time(self.now + second * SECOND));
        seconds.filter_map(time).collect()
    }

    fn step(&mut self) {
        self.follower.set_now(self.now);
        let seconds = |log: i8| (SECOND as f64 * 2f64.powi(log.into())) as i64;
        if self.next_announce <= self.now {
            self.next_announce += seconds(self.profile.log_announce());
            if self.arrives() {
                let mut announce = announce(self.sequence, MASTER);
                let (seconds, leap) = self.utc;
                announce[7] = TIMESCALE
                    | match leap {
                        Leap::None => 0,
                        Leap::Insert => 1,
                        Leap::Delete => 2,
                    };
                announce[44..46].copy_from_slice(&seconds.to_be_bytes());
                self.hear(&announce, self.now);
            }
        }
        if self.next_sync <= self.now {
            self.next_sync += seconds(self.profile.log_sync());
            self.sequence = self.sequence.wrapping_add(1);
            if self.arrives() {
                self.sync();
            }
        }
        self.protocol.on_time();
        if let Some(Request { context, bytes }) = self.protocol.take_request() {
            let (sent, way) = (self.now, self.way());
            self.protocol.sent(context, sent);
            if self.arrives() {
                self.came(Direction::ToMaster, way);
                let sequence = u16::from_be_bytes([bytes[30], bytes[31]]);
                let response = response(sequence, MASTER, self.master(sent + way));
                self.hear(&response, self.now);
            }
        }
        self.told
            .extend(self.follower.tell().map(|(_, after)| after));
    }

    fn sync(&mut self) {
        let way = self.way();
        self.came(Direction::FromMaster, way);
        let sent = self.master(self.now - way) + std::mem::take(&mut self.lie);
        self.hear(&message(0x0, self.sequence, MASTER, 2, 0), self.now);
        self.hear(&message(0x8, self.sequence, MASTER, 0, sent), self.now);
    }

    fn came(&mut self, direction: Direction, way: i64) {
        let at = self.now;
        self.trips.push(Trip { direction, at, way });
    }

    fn way(&mut self) -> i64 {
        let late = if self.random.below(100) < self.stragglers {
            self.random.below(self.late)
        } else {
            0
        };
        DELAY + self.random.below(self.jitter * 2) + late
    }

    fn arrives(&mut self) -> bool {
        !self.silent && self.random.below(1_000) as f64 >= self.loss * 1_000.0
    }
}

/// A sync or a follow-up, or what comes before the rest of a message.
pub(super) fn message(kind: u8, sequence: u16, from: [u8; 8], flags: u8, time: i64) -> Vec<u8> {
    let mut message = vec![kind, 0x02, 0, 44, DOMAIN, 0, flags, 0x0d];
    message.extend([0; 12]);
    message.extend(from);
    message.extend([0, 1]);
    message.extend(sequence.to_be_bytes());
    message.extend([0, 0xfd]);
    message.extend(&(time / SECOND).to_be_bytes()[2..]);
    message.extend(((time % SECOND) as u32).to_be_bytes());
    message
}

pub(super) fn response(sequence: u16, from: [u8; 8], time: i64) -> Vec<u8> {
    let mut message = message(0x9, sequence, from, 0, time);
    message[3] = 54;
    message.extend(US);
    message.extend([0, 1]);
    message
}

/// Of TAI, 37 seconds ahead of UTC, with a leap second to come.
pub(super) fn announce(sequence: u16, from: [u8; 8]) -> Vec<u8> {
    let mut message = message(0xb, sequence, from, 0, 0);
    message[3] = 64;
    message.extend([0, 37, 0, 128, 6, 0x21, 0x4e, 0x5d, 128]);
    message.extend(from);
    message.extend([0, 0, 0x20]);
    message
}

/// One valid message of each kind, from a sender.
pub(super) fn valid(from: [u8; 8], sequence: u16, time: i64) -> Vec<Vec<u8>> {
    vec![
        message(0x0, sequence, from, 2, 0),
        message(0x0, sequence, from, 0, time),
        message(0x8, sequence, from, 0, time),
        response(sequence, from, time),
        announce(sequence, from),
        message(0xc, sequence, from, 0, time),
        message(0x1, sequence, from, 0, time),
        message(0xd, sequence, from, 0, time),
    ]
}
