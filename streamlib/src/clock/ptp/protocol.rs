//! IEEE 1588 itself, by statime: packets, stamps and timers in, delay requests out.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use statime::PtpInstance;
use statime::config::{
    AcceptAnyMaster, ClockIdentity as Identity, DelayMechanism, InstanceConfig, LeapIndicator,
    PortConfig, PtpMinorVersion, SdoId, TimePropertiesDS, TimeSource,
};
use statime::port::{Port, PortAction, PortActionIterator, Running, TimestampContext};
use statime::time::{Duration as Span, Interval};

use super::follower::{Facts, Follower};
use super::masters::{Masters, Source};
use super::packet::{Admitted, Gate, Kind, Refusal};
use super::profile::Profile;
use super::recorder::{Local, Recorder, to_time};
use super::smpte::timestamp;
use super::status::{ClockIdentity, TurnedAway};
use super::utc::{Leap, UtcOffset};

pub(super) type Instance = PtpInstance<Recorder>;
type RunningPort<'a> = Port<'a, Running, AcceptAnyMaster, SmallRng, Local, Recorder>;

/// When something is to be done next, on the monotonic clock.
#[derive(Debug)]
struct Timers {
    delay_request: i64,
    announce_receipt: i64,
    best_master: i64,
}

/// A delay request that is to be sent.
#[derive(Debug)]
pub(super) struct Request {
    pub context: TimestampContext,
    pub bytes: Vec<u8>,
}

/// The protocol of one port.
pub(super) struct Protocol<'a> {
    instance: &'a Instance,
    /// Away only while statime compares masters.
    port: Option<RunningPort<'a>>,
    follower: Arc<Follower>,
    gate: Gate,
    masters: Masters,
    timers: Timers,
    request: Option<Request>,
}

/// A port's instance: it outlives the [`Protocol`].
pub(super) fn instance(gate: &Gate) -> Instance {
    let config = InstanceConfig {
        clock_identity: Identity(gate.identity),
        priority_1: u8::MAX,
        priority_2: u8::MAX,
        domain_number: gate.domain,
        slave_only: true,
        sdo_id: SdoId::default(),
        path_trace: false,
    };
    let unknown =
        TimePropertiesDS::new_arbitrary_time(false, false, TimeSource::InternalOscillator);
    Instance::new(config, unknown)
}

impl<'a> Protocol<'a> {
    pub(super) fn new(
        instance: &'a Instance,
        follower: Arc<Follower>,
        gate: Gate,
        profile: Profile,
    ) -> Self {
        let config = PortConfig {
            // The gate lets in those that are acceptable, and no message of any other.
            acceptable_master_list: AcceptAnyMaster,
            delay_mechanism: DelayMechanism::E2E {
                interval: Interval::from_log_2(profile.log_delay_request()),
            },
            announce_interval: Interval::from_log_2(profile.log_announce()),
            announce_receipt_timeout: profile.announce_timeout(),
            sync_interval: Interval::from_log_2(profile.log_sync()),
            master_only: false,
            delay_asymmetry: Span::ZERO,
            minor_ptp_version: PtpMinorVersion::Zero,
        };
        let seed = u64::from_be_bytes(gate.identity);
        let random = SmallRng::seed_from_u64(seed);
        let port = instance.add_port(config, Arc::clone(&follower), Local, random);
        let (port, actions) = port.end_bmca();
        let mut this = Self {
            instance,
            port: None,
            follower,
            gate,
            masters: Masters::default(),
            timers: Timers {
                delay_request: i64::MAX,
                announce_receipt: i64::MAX,
                best_master: 0,
            },
            request: None,
        };
        act(
            actions,
            &mut this.timers,
            &mut this.request,
            this.follower.now(),
        );
        this.port = Some(port);
        this
    }

    /// Lets a packet in that came from an address, if it is one for us; counts it if not.
    ///
    /// A master's messages come from where it announces itself. Its name alone is on every one of them, for anybody to use.
    pub(super) fn admit(&self, packet: &[u8], from: Ipv4Addr) -> Option<Admitted> {
        let message = match self.gate.admit(packet) {
            Ok(message) => message,
            Err(refusal) => {
                if let (Refusal::Master, Some(source)) = (refusal, packet.get(20..28)) {
                    self.follower
                        .turn_away(TurnedAway::Unlisted(identity(source)));
                }
                self.follower.refuse();
                return None;
            }
        };
        match (self.masters.address(message.source()), message.kind) {
            (Some(known), _) if known != from => {
                let source = identity(&message.source());
                self.follower.turn_away(TurnedAway::Elsewhere(source, from));
                self.follower.refuse();
                None
            }
            // Of no use before it has announced itself, and from wherever it comes.
            (None, Kind::Sync | Kind::FollowUp | Kind::DelayResponse) => None,
            _ => Some(message),
        }
    }

    /// A message that came from an address, at a local time if that is known.
    pub(super) fn hear(&mut self, message: &Admitted, from: Ipv4Addr, at: Option<i64>) {
        let (now, Some(port)) = (self.follower.now(), &mut self.port) else {
            return;
        };
        if message.kind == Kind::Announce
            && !self
                .masters
                .heard(message.source(), from, message.sequence())
        {
            self.follower.refuse();
            return;
        }
        let actions = match (message.kind, at) {
            (Kind::Sync, Some(at)) => port.handle_event_receive(message.bytes(), to_time(at)),
            (Kind::FollowUp | Kind::DelayResponse | Kind::Announce, _) => {
                port.handle_general_receive(message.bytes())
            }
            (Kind::Sync | Kind::Signaling, _) => return,
        };
        act(actions, &mut self.timers, &mut self.request, now);
    }

    /// The delay request of this context was sent at a local time.
    pub(super) fn sent(&mut self, context: TimestampContext, at: i64) {
        if let Some(port) = &mut self.port {
            let actions = port.handle_send_timestamp(context, to_time(at));
            act(
                actions,
                &mut self.timers,
                &mut self.request,
                self.follower.now(),
            );
        }
    }

    /// When it is to be woken, whatever comes.
    pub(super) fn next(&self) -> i64 {
        let Timers {
            delay_request,
            announce_receipt,
            best_master,
        } = self.timers;
        delay_request.min(announce_receipt).min(best_master)
    }

    /// Does what it is time for.
    pub(super) fn on_time(&mut self) {
        let now = self.follower.now();
        let Some(mut port) = self.port.take() else {
            return;
        };
        let (timers, request) = (&mut self.timers, &mut self.request);
        if timers.delay_request <= now {
            timers.delay_request = i64::MAX;
            act(port.handle_delay_request_timer(), timers, request, now);
        }
        if timers.announce_receipt <= now {
            timers.announce_receipt = i64::MAX;
            act(port.handle_announce_receipt_timer(), timers, request, now);
        }
        if timers.best_master <= now {
            timers.best_master = after(now, self.instance.bmca_interval());
            if port.is_steering() && !self.masters.qualified(parent(self.instance)) {
                act(port.handle_announce_receipt_timer(), timers, request, now);
            }
            let mut comparing = port.start_bmca();
            self.instance.bmca(&mut [&mut comparing]);
            let (running, actions) = comparing.end_bmca();
            port = running;
            let best = port.is_steering().then(|| parent(self.instance));
            self.masters.compared(best);
            act(actions, timers, request, now);
        }
        let following = port.is_steering();
        self.port = Some(port);
        self.learn(following);
    }

    /// The port that is followed.
    #[cfg(any(test, fuzzing))]
    pub(super) fn followed(&self) -> Option<Source> {
        let is_steering = self.port.as_ref().is_some_and(Port::is_steering);
        is_steering.then(|| parent(self.instance))
    }

    /// The delay request that is to be sent now.
    pub(super) fn take_request(&mut self) -> Option<Request> {
        self.request.take()
    }

    fn learn(&self, following: bool) {
        let (parent, times) = (
            self.instance.parent_ds(),
            self.instance.time_properties_ds(),
        );
        let steps = self.instance.current_ds(None).steps_removed;
        let said_at = self.follower.with_servo(|servo| {
            let overlay = servo.overlay()?;
            Some(timestamp(overlay.time(self.follower.now())))
        });
        let leap = match times.leap_indicator {
            LeapIndicator::NoLeap => Leap::None,
            LeapIndicator::Leap61 => Leap::Insert,
            LeapIndicator::Leap59 => Leap::Delete,
        };
        self.follower.learn(|facts: &mut Facts| {
            facts.following = following;
            if !following {
                return;
            }
            let grandmaster = Some(ClockIdentity(parent.grandmaster_identity.0));
            if facts.grandmaster != grandmaster {
                tracing::info!(
                    grandmaster = %ClockIdentity(parent.grandmaster_identity.0),
                    "the PTP clock follows a new grandmaster"
                );
            }
            facts.grandmaster = grandmaster;
            facts.master = Some(ClockIdentity(parent.parent_port_identity.clock_identity.0));
            facts.steps_removed = Some(steps);
            facts.tai = times.ptp_timescale;
            facts.utc = match (times.ptp_timescale, times.current_utc_offset, said_at) {
                (true, Some(seconds), Some(at)) => {
                    Some(UtcOffset::heard(facts.utc, seconds, leap, at))
                }
                _ => None,
            };
        });
    }
}

/// The clock of a source, of which the first eight bytes are that.
fn identity(source: &[u8]) -> ClockIdentity {
    ClockIdentity(source.first_chunk().copied().unwrap_or_default())
}

/// The port that is followed, or was.
fn parent(instance: &Instance) -> Source {
    let port = instance.parent_ds().parent_port_identity;
    let mut source = Source::default();
    source[..8].copy_from_slice(&port.clock_identity.0);
    source[8..].copy_from_slice(&port.port_number.to_be_bytes());
    source
}

/// Does what statime asks for. A slave sends nothing but delay requests.
fn act(
    actions: PortActionIterator<'_>,
    timers: &mut Timers,
    request: &mut Option<Request>,
    now: i64,
) {
    for action in actions {
        match action {
            PortAction::SendEvent { context, data, .. } => {
                let bytes = data.to_vec();
                *request = Some(Request { context, bytes });
            }
            PortAction::ResetDelayRequestTimer { duration } => {
                timers.delay_request = after(now, duration);
            }
            PortAction::ResetAnnounceReceiptTimer { duration } => {
                timers.announce_receipt = after(now, duration);
            }
            _ => {}
        }
    }
}

fn after(now: i64, duration: Duration) -> i64 {
    let nanos = i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    now.saturating_add(nanos)
}
