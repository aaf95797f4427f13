//! The clock itself, and how it is set up.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::{Arc, Once};
use std::time::Duration;

use super::follower::{Facts, Follower};
use super::guard::Guard;
use super::profile::Profile;
use super::servo::Patience;
use super::session::{self, Plan};
use super::smpte::media_timestamp;
use super::status::{ClockIdentity, PtpStatus, Stamping};
use super::system::{self, SystemSource};
use super::timeline::PtpTimeline;
use super::utc::Utc;
use crate::clock::{Clock, ClockStatus, Precision, Subscriber, Subscription, Ticker, Timeline};
use crate::time::{ClockId, IntoRate, Rate, TimedTick, Timestamp};
use crate::{Error, Result};

/// For how long it holds on without a master before it is lost.
const HOLDOVER: Duration = Duration::from_secs(600);
/// How long it takes at most to have the time of a clock of this machine.
const READS_WITHIN: Duration = Duration::from_secs(4);

/// Ticks with every other machine that follows the same grandmaster (IEEE 1588), on the frame boundaries
/// of the SMPTE epoch.
///
/// Frame n is due exactly n periods after 1970-01-01T00:00:00 TAI (SMPTE ST 2059-1), so that two machines
/// at one rate tick the same number at the same instant, whenever they were started. Timestamps are TAI,
/// in nanoseconds of that epoch; [`media_timestamp`](Self::media_timestamp) and [`utc`](Self::utc) make of
/// them what RTP and people need.
///
/// The clock is a slave only. It keeps a time of its own over the system's monotonic clock, and
/// never touches the system's clocks. It begins to listen when it is made and has its time some seconds later;
/// there is no tick before that. From then on its time only slews, by half a millisecond a second at
/// most: without a master it holds on (`holdover`, and after ten minutes `lost`, in which it still
/// ticks), and a better master is followed without a step. Times more than a second and a half away from its own
/// are refused: a master that keeps UTC may have its leap second, which is made up for in half an hour.
///
/// It needs the ports 319 and 320 (root or `CAP_NET_BIND_SERVICE`), and nothing else: no daemon. Clones are the same
/// clock; the last one that is dropped closes it.
///
/// ```no_run
/// use streamlib::clock::ptp::{Profile, PtpClock};
/// use streamlib::prelude::*;
///
/// # fn main() -> Result<()> {
/// let show = pipeline! {
///     clock house = PtpClock::new("eth0", Rate::fps(50))?;
///     bars = TestPattern::new(Pattern::SmpteBars) @ house;
///     bars >> Null::new();
/// }?;
///
/// let studio = PtpClock::builder("eth0")
///     .profile(Profile::Default1588)
///     .domain(3)
///     .rate(Rate::fps(59.94))
///     .build()?;
/// println!("{}", studio.status());
/// # drop(show);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PtpClock {
    ticker: Ticker<PtpTimeline>,
    /// Ends the thread that listens, with the last clone.
    _session: Arc<Guard>,
}

impl PtpClock {
    /// A clock that follows the SMPTE ST 2059-2 profile on an interface, in domain 127.
    ///
    /// # Errors
    ///
    /// As [`PtpClockBuilder::build`].
    pub fn new(interface: impl Into<String>, rate: impl IntoRate) -> Result<Self> {
        Self::builder(interface).rate(rate).build()
    }

    /// A clock on an interface, to be set up.
    pub fn builder(interface: impl Into<String>) -> PtpClockBuilder {
        PtpClockBuilder {
            plan: Plan {
                interface: interface.into(),
                profile: Profile::default(),
                domain: Profile::default().domain(),
                unicast: None,
                masters: None,
                software: false,
            },
            domain: None,
            rate: Rate::fps(50),
            holdover: HOLDOVER,
        }
    }

    /// A clock that follows one of this machine, which ptp4l, phc2sys or another daemon keeps: a PTP hardware
    /// clock (`"/dev/ptp0"`), or the kernel's TAI (`"CLOCK_TAI"`).
    ///
    /// It only reads that clock, and slews as every [`PtpClock`] does when that one steps.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) for an impossible rate, and when there is no such clock.
    pub fn system(source: impl Into<SystemSource>, rate: impl IntoRate) -> Result<Self> {
        let rate = Rate::fps(rate).check()?;
        let source = source.into();
        let (clock, note) = source.open()?;
        let facts = Facts {
            tai: note.is_none(),
            stamping: Stamping::Reading,
            notes: note.into_iter().collect(),
            ..Facts::default()
        };
        let patience = patience(Duration::from_secs(1), HOLDOVER);
        let follower = Arc::new(Follower::new(patience, facts));
        let here = Arc::clone(&follower);
        let session = Guard::spawn(move |end| system::run(&clock, &here, &end))?;
        Ok(Self::over(rate, follower, session, [READS_WITHIN; 2]))
    }

    fn over(
        rate: Rate,
        follower: Arc<Follower>,
        session: Guard,
        locks_within: [Duration; 2],
    ) -> Self {
        let timeline = PtpTimeline {
            rate,
            follower,
            locks_within,
        };
        Self {
            ticker: Ticker::new(rate, timeline),
            _session: Arc::new(session),
        }
    }

    /// Ticks as exactly as `precision` says: also its clones, from the next graph on that starts while none runs on it.
    #[must_use]
    pub fn precision(self, precision: Precision) -> Self {
        let ticker = self.ticker.precision(precision);
        Self { ticker, ..self }
    }

    /// Everything that is known about the time: grandmaster, offset, path delay, state.
    /// [`status`](Clock::status) has the same on one line.
    #[must_use]
    pub fn ptp_status(&self) -> PtpStatus {
        self.ticker.timeline().follower.status()
    }

    /// The media timestamp of a tick of this clock, as RTP carries it: see
    /// [`media_timestamp`](super::media_timestamp()).
    ///
    /// A tick whose number was not counted from the SMPTE epoch has none, and what is given is wrong: a warning of `tracing` says so,
    /// once. It is of another clock, which may be a [`FailoverClock`](crate::clock::FailoverClock) that this one did not drive
    /// first. The PTP time at which such a tick was due gives one:
    ///
    /// ```no_run
    /// use streamlib::clock::ptp::PtpClock;
    /// use streamlib::prelude::*;
    ///
    /// /// Of any clock of real time, while `ptp` has time.
    /// fn media(ptp: &PtpClock, clock: &impl Clock, tick: TimedTick, clock_rate: u32) -> Option<u32> {
    ///     let due = clock.timeline()?.due(tick.frame_number)?;
    ///     Some(ptp.timeline()?.time(due).media(clock_rate) as u32)
    /// }
    /// ```
    #[must_use]
    pub fn media_timestamp(&self, tick: TimedTick, clock_rate: u32) -> u32 {
        static WARNED: Once = Once::new();
        if tick.timestamp != self.ticker.timeline().timestamp(tick.frame_number) {
            WARNED.call_once(|| {
                tracing::warn!(
                    clock = %tick.clock_id,
                    frame_number = tick.frame_number,
                    "this tick was not counted from the SMPTE epoch, and its media timestamp is wrong; \
                     the clock has others' numbers (see `PtpClock::media_timestamp`)"
                );
            });
        }
        media_timestamp(self.ticker.rate(), tick.frame_number, clock_rate)
    }

    /// UTC at a time of this clock; `None` when the grandmaster doesn't know it.
    #[must_use]
    pub fn utc(&self, time: Timestamp) -> Option<Utc> {
        let facts = self.ticker.timeline().follower.facts();
        facts.utc.map(|offset| offset.utc(time))
    }
}

impl Clock for PtpClock {
    fn id(&self) -> ClockId {
        self.ticker.id()
    }

    fn name(&self) -> &str {
        "ptp"
    }

    fn rate(&self) -> Rate {
        self.ticker.rate()
    }

    /// The time of the grandmaster; the epoch as long as there is none.
    fn now(&self) -> Timestamp {
        self.ticker.now()
    }

    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        self.ticker.subscribe(subscribers)
    }

    fn status(&self) -> ClockStatus {
        self.ticker.status()
    }

    fn timeline(&self) -> Option<Arc<dyn Timeline>> {
        Some(Arc::clone(self.ticker.timeline()) as Arc<dyn Timeline>)
    }
}

impl fmt::Debug for PtpClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PtpClock {} at {}", self.id(), self.rate())
    }
}

/// Sets up a [`PtpClock`]; made by [`PtpClock::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder makes a clock when it is built"]
pub struct PtpClockBuilder {
    plan: Plan,
    /// A domain that was asked for, whatever the profile's is.
    domain: Option<u8>,
    rate: Rate,
    holdover: Duration,
}

impl PtpClockBuilder {
    /// The profile that the masters keep to; SMPTE ST 2059-2 if none is named.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.plan.profile = profile;
        self
    }

    /// A domain other than the profile's.
    pub fn domain(mut self, domain: u8) -> Self {
        self.domain = Some(domain);
        self
    }

    /// Follows this master only, and by unicast: its messages are asked for (IEEE 1588-2019, 16.1), and those
    /// of a master that sends them unasked are taken too.
    pub fn unicast(mut self, master: Ipv4Addr) -> Self {
        self.plan.unicast = Some(master);
        self
    }

    /// Follows none but these clocks (the acceptable master table of IEEE 1588-2019, 17.5): what others send is refused. They
    /// are those that packets come from, grandmasters or boundary clocks: the `master` of [`PtpStatus`].
    ///
    /// ```no_run
    /// use streamlib::clock::ptp::PtpClock;
    ///
    /// let house = PtpClock::builder("eth0")
    ///     .masters(["0011aa.fffe.22bb33".parse()?, "0011aa.fffe.22bb34".parse()?])
    ///     .build()?;
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    pub fn masters(mut self, masters: impl IntoIterator<Item = ClockIdentity>) -> Self {
        self.plan.masters = Some(masters.into_iter().collect());
        self
    }

    /// Ticks a second; 50 if it isn't named.
    pub fn rate(mut self, rate: impl IntoRate) -> Self {
        self.rate = Rate::fps(rate);
        self
    }

    /// Stamps packets in the kernel, even where the interface could. (Otherwise an interface that can is told
    /// to, where that is allowed.)
    pub fn software_timestamps(mut self) -> Self {
        self.plan.software = true;
        self
    }

    /// For how long the clock holds on without a master before it is lost; ten minutes if it isn't named.
    pub fn holdover(mut self, holdover: Duration) -> Self {
        self.holdover = holdover;
        self
    }

    /// Opens the sockets, in the network namespace of the calling thread, and begins to listen.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) for an interface that is not there, an impossible rate or an empty list of
    /// masters, and [`Error::Io`](crate::Error::Io) when the ports 319 and 320 can't be listened on.
    pub fn build(self) -> Result<PtpClock> {
        let rate = self.rate.check()?;
        if self
            .plan
            .masters
            .as_ref()
            .is_some_and(|masters| masters.is_empty())
        {
            let expected = "at least one clock identity; for any master, leave `masters` out";
            return Err(Error::invalid("masters", "an empty list", expected));
        }
        let mut plan = self.plan;
        plan.domain = self.domain.unwrap_or(plan.profile.domain());
        let (sockets, hardware) = plan.open()?;
        let facts = Facts {
            stamping: if hardware {
                Stamping::Hardware
            } else {
                Stamping::Software
            },
            notes: sockets.note.clone().into_iter().collect(),
            ..Facts::default()
        };
        let patience = patience(plan.profile.sync_timeout(), self.holdover);
        let follower = Arc::new(Follower::new(patience, facts));
        let here = Arc::clone(&follower);
        let locks_within = plan.profile.locks_within();
        let session = Guard::spawn(move |end| session::run(&plan, &sockets, &here, &end))?;
        Ok(PtpClock::over(rate, follower, session, locks_within))
    }
}

fn patience(holdover: Duration, lost: Duration) -> Patience {
    let nanos = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    Patience {
        holdover: nanos(holdover),
        lost: nanos(lost.saturating_add(holdover)),
    }
}
