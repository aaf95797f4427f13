//! A train of ticks on the monotonic clock that can be bent towards another, but never broken.

use crate::time::{Rate, Timestamp};

/// A place in a train of ticks: a whole number of ticks, and the part of the next that has passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Phase {
    pub(super) number: i64,
    /// From 0 to 1.
    pub(super) fraction: f64,
}

impl Phase {
    /// A phase whose fraction may be any number of ticks.
    pub(super) fn new(number: i64, fraction: f64) -> Self {
        let whole = fraction.floor();
        Self {
            number: number.saturating_add(whole as i64),
            fraction: fraction - whole,
        }
    }

    /// How many ticks this is after `other`.
    pub(super) fn since(self, other: Self) -> f64 {
        self.number.saturating_sub(other.number) as f64 + (self.fraction - other.fraction)
    }

    /// The same, as many ticks later.
    pub(super) fn plus(self, ticks: i64) -> Self {
        Self {
            number: self.number.saturating_add(ticks),
            ..self
        }
    }

    /// The nearest whole number of ticks.
    pub(super) fn rounded(self) -> i64 {
        self.number.saturating_add(self.fraction.round() as i64)
    }
}

/// Ticks of one period, from an instant on; and of another one after a bend.
#[derive(Clone, Debug)]
pub(super) struct Line {
    at: Timestamp,
    phase: Phase,
    /// Nanoseconds a tick.
    period: f64,
    bend: Option<Bend>,
}

#[derive(Clone, Debug)]
struct Bend {
    /// Nanoseconds after the line's start.
    after: f64,
    period: f64,
}

impl Line {
    /// A line that has `phase` at the instant `at`.
    pub(super) fn new(at: Timestamp, phase: Phase, period: f64) -> Self {
        Self {
            at,
            phase,
            period,
            bend: None,
        }
    }

    /// Nanoseconds a tick, when what there was to approach has been approached.
    pub(super) fn period(&self) -> f64 {
        self.bend.as_ref().map_or(self.period, |bend| bend.period)
    }

    pub(super) fn phase(&self, at: Timestamp) -> Phase {
        let passed = nanos_between(self.at, at);
        let ticks = match &self.bend {
            Some(bend) if passed > bend.after => {
                bend.after / self.period + (passed - bend.after) / bend.period
            }
            _ => passed / self.period,
        };
        Phase::new(self.phase.number, self.phase.fraction + ticks)
    }

    /// The first nanosecond of a tick.
    pub(super) fn due(&self, number: u64) -> Timestamp {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let ticks = number.saturating_sub(self.phase.number) as f64 - self.phase.fraction;
        let passed = match &self.bend {
            Some(bend) if ticks * self.period > bend.after => {
                bend.after + (ticks - bend.after / self.period) * bend.period
            }
            _ => ticks * self.period,
        };
        later(self.at, passed.ceil())
    }

    /// The newest tick that is due; `None` before tick 0.
    pub(super) fn newest(&self, at: Timestamp) -> Option<u64> {
        let mut number = u64::try_from(self.phase(at).number.saturating_add(1)).ok()?;
        // `phase` and `due` are each rounded: `due` is what counts.
        while self.due(number) > at {
            number = number.checked_sub(1)?;
        }
        Some(number)
    }

    /// The time of a clock whose tick 0 was at `start`, at an instant.
    pub(super) fn time(&self, at: Timestamp, start: Timestamp, rate: Rate) -> Timestamp {
        let phase = self.phase(at);
        let rest = phase.fraction * 1e9 / rate.as_f64();
        match u64::try_from(phase.number) {
            Ok(number) => later(start + rate.time_of(number), rest),
            Err(_) => later(start - rate.time_of(phase.number.unsigned_abs()), rest),
        }
    }

    /// Goes on from the instant `now` towards a train of `target` at that instant and of `period`:
    /// as if to be there after `horizon` nanoseconds, but no faster or slower than it by more than the
    /// share `most`. Nothing before `now` changes, and nothing jumps.
    pub(super) fn steer(
        &mut self,
        now: Timestamp,
        target: Phase,
        period: f64,
        most: f64,
        horizon: f64,
    ) {
        let phase = self.phase(now);
        let left = target.since(phase);
        let share = (left * period / horizon).clamp(-most, most);
        *self = Self::new(now, phase, period);
        // Less than a billionth is no correction, and its bend would lie too far away to be worked out.
        if share.abs() > 1e-9 {
            self.period = period / (1.0 + share);
            self.bend = Some(Bend {
                after: left * period / share,
                period,
            });
        }
    }
}

/// Nanoseconds from one instant to another, negative if that is earlier.
pub(super) fn nanos_between(from: Timestamp, to: Timestamp) -> f64 {
    if to >= from {
        (to - from).as_nanos() as f64
    } else {
        -((from - to).as_nanos() as f64)
    }
}

/// The instant some nanoseconds later, or earlier if they are negative.
pub(super) fn later(from: Timestamp, nanos: f64) -> Timestamp {
    let step = std::time::Duration::from_nanos(nanos.abs() as u64);
    if nanos >= 0.0 {
        from + step
    } else {
        from - step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: f64 = 1e9 * 1001.0 / 60_000.0;

    fn at(nanos: u64) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    #[test]
    fn newest_is_the_inverse_of_due() {
        let mut line = Line::new(at(5_000_000_000), Phase::new(0, -0.3), PERIOD);
        for round in 0..200 {
            let now = at(5_000_000_000 + round * 333_333_333);
            let there = line.phase(now);
            let target = Phase::new(there.number, there.fraction + 0.4 * (round as f64).sin());
            line.steer(now, target, PERIOD, 500e-6, 0.25e9);
            let next = line.newest(now).map_or(0, |number| number + 1);
            for number in next..next + 40 {
                let due = line.due(number);
                assert!(due > now);
                assert_eq!(line.newest(due), Some(number));
                let before = line.newest(due - std::time::Duration::from_nanos(1));
                assert_eq!(before, number.checked_sub(1));
            }
        }
    }

    #[test]
    fn is_where_it_was_steered_to() {
        let start = at(1_000_000_000);
        let mut line = Line::new(start, Phase::new(100, 0.0), PERIOD);
        // A tenth of a tick, at 500 ppm: 200 ticks.
        line.steer(start, Phase::new(100, 0.1), PERIOD, 500e-6, 1.0);
        let end = later(start, 201.0 * PERIOD);
        assert!((line.phase(end).since(Phase::new(301, 0.1))).abs() < 1e-6);
        let halfway = later(start, 100.0 * PERIOD);
        assert!((line.phase(halfway).since(Phase::new(200, 0.05))).abs() < 1e-4);
        assert_eq!(line.period(), PERIOD);
    }

    #[test]
    fn there_is_no_tick_before_the_first() {
        let line = Line::new(at(1_000), Phase::new(-2, 0.5), 100.0);
        assert_eq!(line.newest(at(1_000)), None);
        assert_eq!(line.due(0), at(1_150));
        assert_eq!(line.newest(at(1_150)), Some(0));
        assert_eq!(line.newest(Timestamp::ZERO), None);
    }
}
