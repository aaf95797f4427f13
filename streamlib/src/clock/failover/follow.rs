//! Lays ticks along the clock that drives: never a jump, whichever it is and whatever it does.

use crate::clock::line::{Line, Phase, nanos_between};
use crate::clock::{ClockState, Timeline};
use crate::time::{Rate, Timestamp};

/// The ticks approach those of the clock that drives by no more than this share of a period a tick.
pub(super) const SLEW: f64 = 500e-6;
/// No clock's period is believed to be further from that of the rate than this share.
const BELIEVED: f64 = 1e-3;
/// Nanoseconds over which a small distance is made up.
const APPROACH: f64 = 0.25e9;
/// Over how many ticks a clock's period is measured.
const TICKS: u64 = 64;
/// A driver that is further away than this part of a tick has stepped: its ticks are numbered anew.
const STEPPED: f64 = 0.75;

/// Ticks that follow other clocks.
#[derive(Debug)]
pub(super) struct Follow {
    rate: Rate,
    line: Option<Line>,
    /// What is added to the driver's numbers to make ours.
    shift: i64,
    /// The timestamp of tick 0.
    start: Timestamp,
}

impl Follow {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            line: None,
            shift: 0,
            start: Timestamp::ZERO,
        }
    }

    fn period(&self) -> f64 {
        1e9 * f64::from(self.rate.denominator()) / f64::from(self.rate.numerator())
    }

    /// From now on another clock drives. The first gives its numbers and its epoch; the others go on
    /// from there.
    pub(super) fn drive(&mut self, driver: &dyn Timeline, now: Timestamp) {
        let Some((there, period)) = self.place(driver, now) else {
            return;
        };
        if let Some(line) = &self.line {
            self.shift = nearest(line.phase(now), there);
        } else {
            self.shift = 0;
            self.start = driver.timestamp(0);
            self.line = Some(Line::new(now, there, period));
        }
    }

    /// Goes on towards the driver's ticks. A driver that has lost its time is followed no longer: the
    /// ticks go on as they went. Whether the driver has stepped.
    pub(super) fn follow(&mut self, driver: &dyn Timeline, now: Timestamp) -> bool {
        if self.line.is_none() {
            self.drive(driver, now);
        }
        if driver.state() == ClockState::Lost {
            return false;
        }
        let Some((there, period)) = self.place(driver, now) else {
            return false;
        };
        let Some(line) = &mut self.line else {
            return false;
        };
        let phase = line.phase(now);
        let stepped = there.plus(self.shift).since(phase).abs() > STEPPED;
        if stepped {
            self.shift = nearest(phase, there);
        }
        line.steer(now, there.plus(self.shift), period, SLEW, APPROACH);
        stepped
    }

    /// Where a clock is between its ticks, and its period.
    fn place(&self, driver: &dyn Timeline, now: Timestamp) -> Option<(Phase, f64)> {
        let newest = driver.newest(now);
        // Before its tick 0 it may have time already.
        let number = newest.unwrap_or(0);
        let due = driver.due(number)?;
        let after = driver.due(number.checked_add(TICKS)?)?;
        let nominal = self.period();
        let period = (nanos_between(due, after) / TICKS as f64)
            .clamp(nominal * (1.0 - BELIEVED), nominal * (1.0 + BELIEVED));
        let number = i64::try_from(number).ok()?;
        Some((Phase::new(number, nanos_between(due, now) / period), period))
    }

    /// How many ticks the driver is ahead of ours.
    pub(super) fn apart(&self, driver: &dyn Timeline, now: Timestamp) -> Option<f64> {
        let (there, _) = self.place(driver, now)?;
        Some(there.plus(self.shift).since(self.line.as_ref()?.phase(now)))
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    pub(super) fn newest(&self, now: Timestamp) -> Option<u64> {
        self.line.as_ref()?.newest(now)
    }

    pub(super) fn due(&self, frame_number: u64) -> Option<Timestamp> {
        Some(self.line.as_ref()?.due(frame_number))
    }

    pub(super) fn timestamp(&self, frame_number: u64) -> Timestamp {
        self.start + self.rate.time_of(frame_number)
    }

    pub(super) fn time(&self, now: Timestamp) -> Timestamp {
        match &self.line {
            Some(line) => line.time(now, self.start, self.rate),
            None => now,
        }
    }
}

/// What makes the tick of a phase that is nearest to ours have our number.
fn nearest(ours: Phase, there: Phase) -> i64 {
    Phase::new(
        ours.number.saturating_sub(there.number),
        ours.fraction - there.fraction,
    )
    .rounded()
}
