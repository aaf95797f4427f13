//! The thread that hears a master on the network.

use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use statime::port::TimestampContext;

use super::follower::Follower;
use super::guard::ended;
use super::interface;
use super::local::{self, StampClock};
use super::packet::{Gate, Kind};
use super::profile::Profile;
use super::protocol::{self, Protocol, Request};
use super::socket::{EVENT_PORT, GENERAL_PORT, MULTICAST, Socket, Stamps};
use super::unicast::Negotiation;
use crate::{Error, Result};

/// For how long it sleeps at most, so that a fault is looked at again.
const LONGEST_WAIT: i64 = 1_000_000_000;
/// How long the stamp of a packet that was sent is waited for.
const STAMP_WAIT: i64 = 20_000_000;
const UNICAST_FLAG: u8 = 4;

/// What a session is to follow, and how.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub interface: String,
    pub profile: Profile,
    pub domain: u8,
    pub unicast: Option<Ipv4Addr>,
    pub software: bool,
}

/// Both sockets of a port, and the clock of their stamps.
#[derive(Debug)]
pub(super) struct Sockets {
    event: Socket,
    general: Socket,
    stamps: StampClock,
    identity: [u8; 8],
    /// Why there are no hardware timestamps, where the interface has them.
    pub note: Option<String>,
}

impl Plan {
    /// Opens the sockets, in the network namespace of the calling thread.
    pub(super) fn open(&self) -> Result<(Sockets, bool)> {
        let names = interface::names();
        if !names.contains(&self.interface) {
            let expected = format!("a network interface, one of {}", names.join(", "));
            return Err(Error::invalid("interface", &self.interface, expected));
        }
        let name = &self.interface;
        let general = Socket::open(name, GENERAL_PORT, Stamps::None)
            .map_err(|error| opening(name, &error))?;
        let (device, note) = self.device(&general);
        let (stamps, clock) = match device {
            Some(clock) => (Stamps::Hardware, clock),
            None => (Stamps::Software, StampClock::Realtime),
        };
        let event =
            Socket::open(name, EVENT_PORT, stamps).map_err(|error| opening(name, &error))?;
        let address = interface::hardware_address(event.fd(), name)?;
        let sockets = Sockets {
            event,
            general,
            stamps: clock,
            identity: identity(address),
            note,
        };
        Ok((sockets, stamps == Stamps::Hardware))
    }

    /// The interface's own clock, if it has one that stamps packets, and that we may use.
    fn device(&self, socket: &Socket) -> (Option<StampClock>, Option<String>) {
        if self.software {
            return (None, None);
        }
        let open = |path: PathBuf| StampClock::device(&path);
        match interface::stamp_in_hardware(socket.fd(), &self.interface) {
            Ok(None) => (None, None),
            Ok(Some(path)) => match open(path.clone()) {
                Ok(clock) => (Some(clock), None),
                Err(error) => {
                    let note = format!(
                        "no hardware timestamps, {} can't be read: {error}",
                        path.display()
                    );
                    (None, Some(note))
                }
            },
            Err(error) => (None, Some(format!("no hardware timestamps: {error}"))),
        }
    }
}

fn opening(interface: &str, error: &std::io::Error) -> Error {
    let why = match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            "; the ports 319 and 320 need CAP_NET_BIND_SERVICE or root"
        }
        std::io::ErrorKind::AddrInUse => "; another program holds the ports 319 and 320 for itself",
        _ => "",
    };
    Error::Io(std::io::Error::new(
        error.kind(),
        format!("PTP can't listen on {interface}: {error}{why}"),
    ))
}

/// An identity that no other clock has, not even another one on the same interface: locally
/// administered, as what is in the middle of it is not the maker's.
fn identity(address: [u8; 6]) -> [u8; 8] {
    static COUNT: AtomicU16 = AtomicU16::new(0);
    // Relaxed: only uniqueness matters.
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let [high, low] = (std::process::id() as u16)
        .wrapping_add(count.rotate_left(8))
        .to_be_bytes();
    let [a, b, c, d, e, f] = address;
    [a | 2, b, c, high, low, d, e, f]
}

/// Hears and asks the master until `end` ends.
pub(super) fn run(plan: &Plan, sockets: &Sockets, follower: &Arc<Follower>, end: &UnixStream) {
    let gate = Gate {
        domain: plan.domain,
        identity: sockets.identity,
    };
    follower.set_now(local::now());
    let instance = protocol::instance(gate);
    let protocol = Protocol::new(&instance, Arc::clone(follower), gate, plan.profile);
    let negotiation = plan.unicast.map(|master| {
        (
            master,
            Negotiation::new(gate.identity, gate.domain, plan.profile),
        )
    });
    let mut session = Session {
        sockets,
        follower,
        protocol,
        negotiation,
        waiting: None,
    };
    while !ended(end) {
        session.wait(end);
        session.step();
    }
}

struct Session<'a> {
    sockets: &'a Sockets,
    follower: &'a Arc<Follower>,
    protocol: Protocol<'a>,
    negotiation: Option<(Ipv4Addr, Negotiation)>,
    /// A delay request whose stamp has not come yet, and when it was sent.
    waiting: Option<(TimestampContext, i64)>,
}

impl Session<'_> {
    /// Sleeps until a packet comes or it is time for something.
    fn wait(&self, end: &UnixStream) {
        let now = local::now();
        let mut until = self.protocol.next().min(now + LONGEST_WAIT);
        if let Some((_, negotiation)) = &self.negotiation {
            until = until.min(negotiation.next());
        }
        let wait = (until - now).max(0) as u64;
        let look = |fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        };
        let mut fds = [
            look(self.sockets.event.fd()),
            look(self.sockets.general.fd()),
            look(end.as_raw_fd()),
        ];
        let timeout = i32::try_from(wait.div_ceil(1_000_000)).unwrap_or(i32::MAX);
        // SAFETY: the pointer is to as many as the count says. An error ends the wait, no more.
        unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, timeout) };
    }

    /// Deals with all that has happened.
    fn step(&mut self) {
        self.follower.set_now(local::now());
        self.stamps();
        let mut buffer = [0; 1_500];
        while let Some(received) = self.sockets.event.receive(&mut buffer) {
            self.follower.set_now(local::now());
            let at = received
                .stamp
                .and_then(|stamp| self.sockets.stamps.local(stamp));
            self.packet(&buffer[..received.length], received.from, at);
        }
        while let Some(received) = self.sockets.general.receive(&mut buffer) {
            self.follower.set_now(local::now());
            self.packet(&buffer[..received.length], received.from, None);
        }
        self.protocol.on_time();
        self.ask();
        if let Some(Request { context, mut bytes }) = self.protocol.take_request() {
            if let (Some(_), Some(flags)) = (&self.negotiation, bytes.get_mut(6)) {
                *flags |= UNICAST_FLAG;
            }
            let before = local::now();
            let sent = self.sockets.event.send(&bytes, self.to());
            self.waiting = sent.is_ok().then_some((context, before));
            self.report(sent);
            self.stamps();
        }
    }

    fn to(&self) -> Ipv4Addr {
        self.negotiation
            .as_ref()
            .map_or(MULTICAST, |(master, _)| *master)
    }

    fn packet(&mut self, packet: &[u8], from: Ipv4Addr, at: Option<i64>) {
        if let Some((master, _)) = &self.negotiation
            && from != *master
        {
            self.follower.refuse();
            return;
        }
        let Some(message) = self.protocol.admit(packet) else {
            return;
        };
        match (&mut self.negotiation, message.kind) {
            (Some((_, negotiation)), Kind::Signaling) => {
                negotiation.read(packet, self.follower.now());
                let denied = negotiation.denied();
                self.follower.learn(|facts| facts.denied = denied);
            }
            _ => self.protocol.hear(&message, at),
        }
    }

    /// Takes the stamps of what was sent; one of before the newest request is too late.
    fn stamps(&mut self) {
        while let Some(stamp) = self.sockets.event.sent() {
            let at = self.sockets.stamps.local(stamp);
            let of_this = |(_, before): &mut (_, i64)| at.is_some_and(|at| at >= *before);
            if let (Some((context, _)), Some(at)) = (self.waiting.take_if(of_this), at) {
                self.protocol.sent(context, at);
            }
        }
        let now = local::now();
        self.waiting
            .take_if(|(_, before)| now - *before > STAMP_WAIT);
    }

    fn ask(&mut self) {
        let asked = match &mut self.negotiation {
            Some((_, negotiation)) => negotiation.ask(self.follower.now()),
            None => None,
        };
        if let Some(message) = asked {
            let sent = self.sockets.general.send(&message, self.to());
            self.report(sent);
        }
    }

    fn report(&self, sent: std::io::Result<()>) {
        let fault = sent
            .err()
            .map(|error| format!("nothing can be sent: {error}"));
        self.follower.learn(|facts| facts.fault = fault);
    }
}
