//! What the thread that hears the master and the clock that ticks have in common.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::estimate::Exchange;
use super::local;
use super::servo::{Patience, Servo};
use super::status::{ClockIdentity, PortState, PtpStatus, Stamping};
use super::utc::UtcOffset;
use crate::clock::ClockState;

/// The servo, and what is known of the master besides its time.
#[derive(Debug)]
pub(super) struct Follower {
    servo: Mutex<Servo>,
    facts: Mutex<Facts>,
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
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Follower {
    pub(super) fn new(patience: Patience, facts: Facts) -> Self {
        Self {
            servo: Mutex::new(Servo::new(patience)),
            facts: Mutex::new(facts),
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

    /// An exchange for the servo; what changes by it is told.
    pub(super) fn take(&self, exchange: Exchange) {
        let now = self.now();
        let mut servo = lock(&self.servo);
        let before = servo.state(now);
        let first = servo.take(exchange, now);
        let after = servo.state(now);
        drop(servo);
        if first {
            tracing::info!("the PTP clock has its time");
        } else if before != after {
            tracing::info!(%before, %after, "the PTP clock's state has changed");
        }
    }

    pub(super) fn master_changed(&self) {
        lock(&self.servo).master_changed();
    }

    /// A packet was not let in.
    pub(super) fn refuse(&self) {
        // Relaxed: a count.
        self.refused.fetch_add(1, Ordering::Relaxed);
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
        let now = local::now();
        let facts = self.facts();
        let servo = lock(&self.servo);
        let state = servo.state(now);
        let estimate = servo.estimate();
        let recent = servo.offsets().rms_and_most(now);
        let mut notes = facts.notes;
        notes.extend(facts.fault.clone());
        if facts.denied {
            notes.push("the master denies unicast".to_owned());
        }
        if let Some(away) = servo.away() {
            let seconds = away as f64 / 1e9;
            notes.push(format!(
                "the master's time is {seconds:+.3} s away, too far to be followed: a new clock would \
                 take it"
            ));
        }
        PtpStatus {
            state,
            port: match (&facts.fault, facts.following, state) {
                (Some(_), ..) => PortState::Faulty,
                (None, false, _) => PortState::Listening,
                (None, true, ClockState::Locked) => PortState::Slave,
                (None, true, _) => PortState::Uncalibrated,
            },
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
            notes,
        }
    }
}
