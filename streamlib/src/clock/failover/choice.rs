//! Which of several clocks drives, by their states.

use std::time::Duration;

use crate::clock::ClockState;
use crate::time::Timestamp;

/// For how long what is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// A clock that lost its reference still drives so long.
    pub(super) holdover: Duration,
    /// A better clock must be good for so long before it drives.
    pub(super) settle: Duration,
    /// At the start, a better clock that is still acquiring is waited for so long.
    pub(super) start: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            holdover: Duration::from_secs(5),
            settle: Duration::from_secs(3),
            start: Duration::from_secs(2),
        }
    }
}

/// What a look at the clocks has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// This clock drives now.
    Drives(usize),
    /// The one that drives has lost its reference, and still drives.
    Holds(usize),
    /// The one that drives has its reference again.
    Caught(usize),
}

#[derive(Debug)]
pub(super) struct Choice {
    pub(super) patience: Patience,
    driver: Option<usize>,
    /// Since when the driver has had no reference.
    lost: Option<Timestamp>,
    /// Since when each clock has been good without a break.
    good: Vec<Option<Timestamp>>,
    /// When it was first asked.
    asked: Option<Timestamp>,
}

impl Choice {
    pub(super) fn new(clocks: usize) -> Self {
        Self {
            patience: Patience::default(),
            driver: None,
            lost: None,
            good: vec![None; clocks],
            asked: None,
        }
    }

    /// The clock that drives.
    pub(super) fn driver(&self) -> Option<usize> {
        self.driver
    }

    /// Looks at the clocks' states, best clock first.
    pub(super) fn look(&mut self, now: Timestamp, states: &[ClockState]) -> Option<Change> {
        let asked = *self.asked.get_or_insert(now);
        for (good, state) in self.good.iter_mut().zip(states) {
            *good = if is_good(*state) {
                good.or(Some(now))
            } else {
                None
            };
        }
        let best = self.good.iter().position(Option::is_some);
        let Some(driver) = self.driver else {
            let best = best?;
            let acquires = |state: &ClockState| *state == ClockState::Acquiring;
            let waits = states.iter().take(best).any(acquires);
            if waits && now - asked < self.patience.start {
                return None;
            }
            return Some(self.drive(best));
        };
        let settled = |since: &Option<Timestamp>| {
            since.is_some_and(|since| now - since >= self.patience.settle)
        };
        if let Some(better) = self.good.iter().take(driver).position(settled) {
            return Some(self.drive(better));
        }
        if self.good.get(driver).is_some_and(Option::is_some) {
            return self.lost.take().map(|_| Change::Caught(driver));
        }
        let Some(lost) = self.lost else {
            self.lost = Some(now);
            return Some(Change::Holds(driver));
        };
        let over =
            states.get(driver) == Some(&ClockState::Lost) || now - lost >= self.patience.holdover;
        // Where no other is good either, the driver drives on.
        if over {
            best.map(|best| self.drive(best))
        } else {
            None
        }
    }

    fn drive(&mut self, clock: usize) -> Change {
        self.driver = Some(clock);
        self.lost = None;
        Change::Drives(clock)
    }
}

/// Whether a clock of this state can take over.
fn is_good(state: ClockState) -> bool {
    matches!(state, ClockState::Locked | ClockState::FreeRunning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClockState::{Acquiring, FreeRunning, Holdover, Locked, Lost};

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn holds_then_moves_on_and_comes_back_when_it_has_settled() {
        let mut choice = Choice::new(3);
        let mut look = |millis, states: [ClockState; 3]| choice.look(at(millis), &states);
        assert_eq!(look(0, [Acquiring, Acquiring, FreeRunning]), None);
        assert_eq!(
            look(1_000, [Locked, Acquiring, FreeRunning]),
            Some(Change::Drives(0))
        );
        assert_eq!(look(2_000, [Locked, Locked, FreeRunning]), None);
        assert_eq!(
            look(3_000, [Holdover, Locked, FreeRunning]),
            Some(Change::Holds(0))
        );
        assert_eq!(
            look(4_000, [Locked, Locked, FreeRunning]),
            Some(Change::Caught(0))
        );
        assert_eq!(
            look(5_000, [Holdover, Locked, FreeRunning]),
            Some(Change::Holds(0))
        );
        assert_eq!(look(9_999, [Holdover, Locked, FreeRunning]), None);
        assert_eq!(
            look(10_000, [Holdover, Locked, FreeRunning]),
            Some(Change::Drives(1))
        );
        assert_eq!(look(11_000, [Locked, Locked, FreeRunning]), None);
        assert_eq!(look(12_000, [Acquiring, Locked, FreeRunning]), None);
        assert_eq!(look(13_000, [Locked, Locked, FreeRunning]), None);
        assert_eq!(look(15_999, [Locked, Locked, FreeRunning]), None);
        assert_eq!(
            look(16_000, [Locked, Locked, FreeRunning]),
            Some(Change::Drives(0))
        );
    }

    #[test]
    fn does_not_wait_for_a_clock_that_is_lost_nor_longer_than_it_was_told() {
        let mut choice = Choice::new(2);
        assert_eq!(
            choice.look(at(0), &[Lost, FreeRunning]),
            Some(Change::Drives(1))
        );
        let mut choice = Choice::new(2);
        assert_eq!(choice.look(at(0), &[Acquiring, FreeRunning]), None);
        assert_eq!(
            choice.look(at(2_000), &[Acquiring, FreeRunning]),
            Some(Change::Drives(1))
        );
    }

    #[test]
    fn drives_on_when_there_is_nothing_better() {
        let mut choice = Choice::new(1);
        assert_eq!(choice.look(at(0), &[Locked]), Some(Change::Drives(0)));
        assert_eq!(choice.look(at(1), &[Lost]), Some(Change::Holds(0)));
        assert_eq!(choice.look(at(60_000), &[Lost]), None);
        assert_eq!(choice.driver(), Some(0));
        assert_eq!(choice.look(at(60_001), &[Locked]), Some(Change::Caught(0)));
    }
}
