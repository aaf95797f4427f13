//! Steers the overlay clock by the estimate of the master's time, and knows how good it is.

use super::estimate::{Direction, Estimate, Exchange};
use super::overlay::Overlay;
use super::recent::Recent;
use crate::clock::ClockState;

/// Once it has a time, no exchange that is further away than this is believed. A second is not too far: a master that keeps
/// UTC is away by one when it has put in a leap second, and the half is for the noise.
const LEASH_NANOS: i64 = 1_500_000_000;
/// What a new master's time and path may differ by before they count as a surprise.
const NEW_MASTER_NANOS: f64 = 1e6;
/// A clock that is this close to its estimate is locked; with noisy packets, this many deviations.
const LOCK_NANOS: f64 = 100_000.0;
const LOCK_DEVIATIONS: f64 = 6.0;
/// The newest of so many exchanges make a beginning.
const MOST_TO_BEGIN: usize = 32;
/// So many more from the master and to it must agree with it before the first lock.
const FIRST_SYNCS: u32 = 4;
const FIRST_DELAYS: u32 = 3;
/// So many in a row that can't be believed, and the clock says that it is lost.
const UNBELIEVABLE: u32 = 32;

/// How long it holds on without its master.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Without an exchange for so long, it is in holdover.
    pub holdover: i64,
    /// And for so long, it is lost.
    pub lost: i64,
}

/// The whole discipline, as pure code: exchanges in, time out.
#[derive(Debug)]
pub(super) struct Servo {
    patience: Patience,
    /// The exchanges before there is an estimate.
    beginning: Vec<Exchange>,
    estimate: Option<Estimate>,
    overlay: Option<Overlay>,
    /// The local time of the newest exchange that was believed.
    heard: i64,
    /// The clock minus the master at the exchanges from it.
    offsets: Recent,
    new_master: bool,
    unbelievable: u32,
    /// By how much the newest unbelievable exchange was off.
    away: i64,
    refused: u64,
}

impl Servo {
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            patience,
            beginning: Vec::new(),
            estimate: None,
            overlay: None,
            heard: 0,
            offsets: Recent::default(),
            new_master: false,
            unbelievable: 0,
            away: 0,
            refused: 0,
        }
    }

    /// Takes an exchange in, at a local time that is no earlier; true when the clock has its first time
    /// by it.
    pub(super) fn take(&mut self, exchange: Exchange, now: i64) -> bool {
        let Some(estimate) = &mut self.estimate else {
            self.heard = self.heard.max(exchange.local);
            if self.beginning.len() == MOST_TO_BEGIN {
                self.beginning.remove(0);
            }
            self.beginning.push(exchange);
            self.estimate = Estimate::begin(&self.beginning);
            return false;
        };
        let away = estimate.deviation_of(exchange) as i64;
        if self.overlay.is_some() && away.abs() > LEASH_NANOS {
            self.away = away;
            self.refused += 1;
            self.unbelievable = self.unbelievable.saturating_add(1);
            return false;
        }
        self.unbelievable = 0;
        if std::mem::take(&mut self.new_master) {
            estimate.doubt(NEW_MASTER_NANOS);
        }
        let before = estimate.clone();
        let agrees = estimate.take(exchange);
        self.heard = self.heard.max(exchange.local);
        let Some(overlay) = &mut self.overlay else {
            if !agrees {
                self.beginning.clear();
                self.estimate = None;
            }
            return self.first_lock(now);
        };
        if exchange.direction != Direction::ToMaster {
            let behind = before.deviation_of(exchange) as i64;
            let lag = before.time(exchange.local) - overlay.time(exchange.local);
            self.offsets.add(exchange.local, -(behind + lag));
        }
        // What was said of the time until now stays as it was said.
        overlay.steer(now, estimate.time(now), estimate.frequency());
        false
    }

    /// The exchanges to come are with another master, whose way is another.
    pub(super) fn master_changed(&mut self) {
        self.beginning.clear();
        self.new_master = true;
    }

    /// The clock's time at a local time; `None` before the first lock.
    pub(super) fn overlay(&self) -> Option<&Overlay> {
        self.overlay.as_ref()
    }

    /// The estimate of the master, once there was an exchange.
    pub(super) fn estimate(&self) -> Option<&Estimate> {
        self.estimate.as_ref()
    }

    /// The clock minus the master at the newest exchanges from it, in nanoseconds.
    pub(super) fn offsets(&self) -> &Recent {
        &self.offsets
    }

    /// How many exchanges were too far away to be believed.
    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// How long the newest exchange that was believed is over.
    pub(super) fn silence(&self, local: i64) -> i64 {
        local.saturating_sub(self.heard).max(0)
    }

    /// By how much the master is away, when it is too far away to be followed.
    pub(super) fn away(&self) -> Option<i64> {
        (self.unbelievable >= UNBELIEVABLE).then_some(self.away)
    }

    /// How good the time is.
    pub(super) fn state(&self, local: i64) -> ClockState {
        let (Some(estimate), Some(overlay)) = (&self.estimate, &self.overlay) else {
            return ClockState::Acquiring;
        };
        let silence = self.silence(local);
        if silence > self.patience.lost || self.away().is_some() {
            return ClockState::Lost;
        }
        if silence > self.patience.holdover {
            return ClockState::Holdover;
        }
        let behind = (estimate.time(local) - overlay.time(local)).abs() as f64;
        if behind <= LOCK_NANOS.max(LOCK_DEVIATIONS * estimate.noise()) {
            ClockState::Locked
        } else {
            ClockState::Acquiring
        }
    }

    /// Steps to the estimate, for the first and only time, when that is good enough.
    fn first_lock(&mut self, local: i64) -> bool {
        let Some(estimate) = &self.estimate else {
            return false;
        };
        let [syncs, delays] = estimate.seen();
        let measured = !estimate.has_path() || delays >= FIRST_DELAYS;
        let good = estimate.deviation(local) <= LOCK_NANOS.max(estimate.noise() / 2.0);
        if !(syncs >= FIRST_SYNCS && measured && good) {
            return false;
        }
        let time = estimate.time(local);
        self.overlay = Some(Overlay::new(local, time, estimate.frequency()));
        true
    }
}
