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
use super::socket::{EVENT_PORT, GENERAL_PORT, MULTICAST, Received, Socket, Stamps};
use super::status::ClockIdentity;
use super::unicast::Negotiation;
use super::waiting::Waiting;
use crate::{Error, Result};

/// For how long it sleeps at most, so that a fault is looked at again.
const LONGEST_WAIT: i64 = 1_000_000_000;
/// So many packets of each socket are taken in before anything else is done. Whoever sends faster than they are taken in
/// keeps it from no other work, nor from its end.
const MOST_AT_ONCE: usize = 64;
const UNICAST_FLAG: u8 = 4;

/// What a session is to follow, and how.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub interface: String,
    pub profile: Profile,
    pub domain: u8,
    pub unicast: Option<Ipv4Addr>,
    /// The only clocks to be followed, if they were named.
    pub masters: Option<Arc<[ClockIdentity]>>,
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
        masters: plan.masters.clone(),
    };
    follower.set_now(local::now());
    let instance = protocol::instance(&gate);
    let negotiation = plan.unicast.map(|master| {
        (
            master,
            Negotiation::new(gate.identity, gate.domain, plan.profile),
        )
    });
    let protocol = Protocol::new(&instance, Arc::clone(follower), gate, plan.profile);
    let mut session = Session {
        sockets,
        follower,
        protocol,
        negotiation,
        waiting: Waiting::new(),
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
    /// A delay request whose stamp has not come yet.
    waiting: Waiting<TimestampContext>,
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

    /// Deals with what has happened; of packets, with so many that it comes to an end.
    fn step(&mut self) {
        self.follower.set_now(local::now());
        self.stamps();
        self.packets(&self.sockets.event);
        self.packets(&self.sockets.general);
        self.protocol.on_time();
        self.ask();
        if let Some(Request { context, mut bytes }) = self.protocol.take_request() {
            if let (Some(_), Some(flags)) = (&self.negotiation, bytes.get_mut(6)) {
                *flags |= UNICAST_FLAG;
            }
            let before = local::now();
            let sent = self.sockets.event.send(&bytes, self.to());
            if sent.is_ok() {
                self.waiting.sent(context, before);
            }
            self.report(sent);
            self.stamps();
        }
        self.follower.set_now(local::now());
        self.follower.tell();
    }

    fn packets(&mut self, socket: &Socket) {
        let mut buffer = [0; 1_500];
        for _ in 0..MOST_AT_ONCE {
            let Some(received) = socket.receive(&mut buffer) else {
                return;
            };
            self.follower.set_now(local::now());
            self.packet(&buffer[..received.length], received);
        }
    }

    fn to(&self) -> Ipv4Addr {
        self.negotiation
            .as_ref()
            .map_or(MULTICAST, |(master, _)| *master)
    }

    fn packet(&mut self, packet: &[u8], received: Received) {
        let from = received.from;
        if let Some((master, _)) = &self.negotiation
            && from != *master
        {
            self.follower.refuse();
            return;
        }
        let Some(message) = self.protocol.admit(packet, from) else {
            return;
        };
        match (&mut self.negotiation, message.kind) {
            (Some((_, negotiation)), Kind::Signaling) => {
                negotiation.read(packet, self.follower.now());
                let denied = negotiation.denied();
                self.follower.learn(|facts| facts.denied = denied);
            }
            _ => {
                // Only now: it takes several readings of two clocks.
                let stamp = received.stamp.filter(|_| message.kind == Kind::Sync);
                let at = stamp.and_then(|stamp| self.sockets.stamps.local(stamp));
                self.protocol.hear(&message, from, at);
            }
        }
    }

    /// Takes the stamps of what was sent.
    fn stamps(&mut self) {
        for _ in 0..MOST_AT_ONCE {
            let Some(stamp) = self.sockets.event.sent() else {
                break;
            };
            let at = self.sockets.stamps.local(stamp);
            if let Some((context, at)) = at.and_then(|at| Some((self.waiting.stamped(at)?, at))) {
                self.protocol.sent(context, at);
            }
        }
        self.waiting.look(local::now());
        let in_vain = self.waiting.in_vain();
        self.follower.learn(|facts| facts.unstamped = in_vain);
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

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;
    use crate::clock::ptp::follower::Facts;
    use crate::clock::ptp::servo::Patience;

    /// A port of this machine, and a socket that sends to it.
    fn port() -> std::io::Result<(Socket, UdpSocket)> {
        // Any port, so that it takes no privilege.
        let socket = Socket::open("lo", 0, Stamps::Software)?;
        let sender = UdpSocket::bind("127.0.0.1:0")?;
        sender.connect(("127.0.0.1", socket.local_port()?))?;
        Ok((socket, sender))
    }

    #[test]
    fn a_flood_keeps_it_from_nothing_else() -> std::io::Result<()> {
        let ((event, to_event), (general, to_general)) = (port()?, port()?);
        let sockets = Sockets {
            event,
            general,
            stamps: StampClock::Realtime,
            identity: [7; 8],
            note: None,
        };
        let patience = Patience {
            holdover: 1,
            lost: 2,
        };
        let follower = Arc::new(Follower::new(patience, Facts::default()));
        let gate = Gate {
            domain: 127,
            identity: [7; 8],
            masters: None,
        };
        let instance = protocol::instance(&gate);
        let mut session = Session {
            sockets: &sockets,
            follower: &follower,
            protocol: Protocol::new(&instance, Arc::clone(&follower), gate, Profile::St2059),
            negotiation: None,
            waiting: Waiting::new(),
        };
        // As much as fits in its buffers, as if more were always to come.
        let most = MOST_AT_ONCE as u64;
        for _ in 0..most + 20 {
            to_event.send(b"no packet of PTP, but an event")?;
        }
        for _ in 0..most / 2 {
            to_general.send(b"and one that is general")?;
        }
        let refused = |session: &mut Session<'_>| {
            session.step();
            follower.status().refused
        };
        assert_eq!(refused(&mut session), most + most / 2);
        assert_eq!(refused(&mut session), most + most / 2 + 20);
        assert_eq!(refused(&mut session), most + most / 2 + 20);
        Ok(())
    }
}
