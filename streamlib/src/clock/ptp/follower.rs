//! What the thread that hears the master and the clock that ticks have in common.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::estimate::Exchange;
use super::local;
use super::servo::{Patience, Servo};
use super::status::{ClockIdentity, PortState, PtpStatus, Stamping, TurnedAway};
use super::utc::UtcOffset;
use crate::clock::ClockState;

/// For how long it is told who was turned away.
const RECENT_NANOS: i64 = 10_000_000_000;

/// The servo, and what is known of the master besides its time.
#[derive(Debug)]
pub(super) struct Follower {
    servo: Mutex<Servo>,
    facts: Mutex<Facts>,
    /// The state that was told last.
    told: Mutex<ClockState>,
    /// The monotonic time of the step that the protocol is in.
    now: AtomicI64,
    refused: AtomicU64,
}

/// What the protocol has learned.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub following: bool,
    pub grandmaster: Option<ClockIdentity>,
    pub master: Option<ClockIdentity>,
    pub steps_removed: Option<u16>,
    pub tai: bool,
    pub utc: Option<UtcOffset>,
    pub stamping: Stamping,
    /// What was not got, for as long as the clock is there.
    pub notes: Vec<String>,
    /// What keeps it from hearing or sending, now.
    pub fault: Option<String>,
    /// Whether the master denies its messages.
    pub denied: bool,
    /// Whether what it sends is stamped neither in the kernel nor by the interface, or too late.
    pub unstamped: bool,
    /// Who was turned away last, and when.
    pub turned_away: Option<(i64, TurnedAway)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Follower {
    pub(super) fn new(patience: Patience, facts: Facts) -> Self {
        Self {
            servo: Mutex::new(Servo::new(patience)),
            facts: Mutex::new(facts),
            told: Mutex::new(ClockState::Acquiring),
            now: AtomicI64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// The protocol works on what has happened until `now`.
    pub(super) fn set_now(&self, now: i64) {
        // Relaxed: only the thread of the protocol reads it.
        self.now.store(now, Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// An exchange for the servo.
    pub(super) fn take(&self, exchange: Exchange) {
        let first = lock(&self.servo).take(exchange, self.now());
        if first {
            tracing::info!("the PTP clock has its time");
        }
    }

    /// Tells a state that is another than the one before, and gives both: by an exchange or by none.
    pub(super) fn tell(&self) -> Option<(ClockState, ClockState)> {
        let after = lock(&self.servo).state(self.now());
        let before = std::mem::replace(&mut *lock(&self.told), after);
        if before == after {
            return None;
        }
        tracing::info!(%before, %after, "the PTP clock's state has changed");
        Some((before, after))
    }

    pub(super) fn master_changed(&self) {
        lock(&self.servo).master_changed();
    }

    /// A packet was not let in.
    pub(super) fn refuse(&self) {
        // Relaxed: a count.
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Somebody who says that it is a master was turned away.
    pub(super) fn turn_away(&self, who: TurnedAway) {
        let now = self.now();
        self.learn(|facts| facts.turned_away = Some((now, who)));
    }

    /// Changes what is known.
    pub(super) fn learn(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut lock(&self.facts));
    }

    pub(super) fn facts(&self) -> Facts {
        lock(&self.facts).clone()
    }

    /// Reads the servo.
    pub(super) fn with_servo<R>(&self, read: impl FnOnce(&Servo) -> R) -> R {
        read(&lock(&self.servo))
    }

    pub(super) fn status(&self) -> PtpStatus {
        self.status_at(local::now())
    }

    /// The status at a local time.
    pub(super) fn status_at(&self, now: i64) -> PtpStatus {
        let facts = self.facts();
        let (status, away) = self.with_servo(|servo| {
            let estimate = servo.estimate();
            let recent = servo.offsets().rms_and_most(now);
            let state = servo.state(now);
            let status = PtpStatus {
                state,
                port: facts.port(state),
                grandmaster: facts.grandmaster,
                master: facts.master,
                steps_removed: facts.steps_removed,
                offset_nanos: servo.offsets().newest(),
                offset_rms_nanos: recent.map(|(rms, _)| rms),
                offset_most_nanos: recent.map(|(_, most)| most),
                uncertainty_nanos: estimate.map(|estimate| estimate.deviation(now)),
                path_delay_nanos: estimate.map(|estimate| estimate.path_delay()),
                frequency_ppm: estimate.map(|estimate| estimate.frequency() * 1e6),
                silence_secs: estimate.map(|_| servo.silence(now) as f64 / 1e9),
                tai: facts.tai,
                utc: facts.utc,
                stamping: facts.stamping,
                refused: self.refused.load(Ordering::Relaxed) + servo.refused(),
                notes: Vec::new(),
            };
            (status, servo.away())
        });
        PtpStatus {
            notes: facts.into_notes(away, now),
            ..status
        }
    }
}

impl Facts {
    fn port(&self, state: ClockState) -> PortState {
        match (&self.fault, self.following, state) {
            (Some(_), ..) => PortState::Faulty,
            (None, false, _) => PortState::Listening,
            (None, true, ClockState::Locked) => PortState::Slave,
            (None, true, _) => PortState::Uncalibrated,
        }
    }

    /// What there is to say, also of a master that is too far away.
    fn into_notes(self, away: Option<i64>, now: i64) -> Vec<String> {
        let mut notes = self.notes;
        notes.extend(self.fault);
        if self.denied {
            notes.push("the master denies unicast".to_owned());
        }
        if self.unstamped {
            let instead = match self.stamping {
                Stamping::Hardware => "try PtpClockBuilder::software_timestamps",
                _ => "it takes an interface with software-transmit in `ethtool -T`",
            };
            notes.push(format!(
                "what is sent gets no timestamp, or too late, and so the path delay can't be measured: {instead}"
            ));
        }
        if let Some((at, who)) = self.turned_away
            && now.saturating_sub(at) <= RECENT_NANOS
        {
            notes.push(who.to_string());
        }
        if let Some(away) = away {
            let seconds = away as f64 / 1e9;
            notes.push(format!(
                "the master's time is {seconds:+.3} s away, too far to be followed: a new clock would \
                 take it"
            ));
        }
        notes
    }
}
