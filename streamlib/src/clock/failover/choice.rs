//! Which of several clocks drives, by their states.

use std::time::Duration;

use crate::clock::ClockState;
use crate::time::Timestamp;

/// For how long what is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// A clock that lost its reference still drives so long.
    pub(super) holdover: Duration,
    /// A clock must be good for so long before it drives in place of a worse one, and before what it has lost is forgotten.
    pub(super) settle: Duration,
    /// At the start, a better clock that is still acquiring is waited for so long; `None`: as long as it says itself.
    pub(super) start: Option<Duration>,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            holdover: Duration::from_secs(5),
            settle: Duration::from_secs(3),
            start: None,
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
    /// When the driver lost its reference: the first time since it last had it for as long as it takes to settle.
    lost: Option<Timestamp>,
    /// Whether the driver has no reference now.
    holds: bool,
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
            holds: false,
            good: vec![None; clocks],
            asked: None,
        }
    }

    /// The clock that drives.
    pub(super) fn driver(&self) -> Option<usize> {
        self.driver
    }

    /// Looks at the clocks' states, best clock first. `locks_within` says how long a clock may take at the start.
    pub(super) fn look(
        &mut self,
        now: Timestamp,
        states: &[ClockState],
        locks_within: impl Fn(usize) -> Duration,
    ) -> Option<Change> {
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
            let waits = states.iter().take(best).enumerate().any(|(clock, state)| {
                *state == ClockState::Acquiring
                    && now - asked < self.patience.start.unwrap_or_else(|| locks_within(clock))
            });
            return (!waits).then(|| self.drive(best));
        };
        let settled = |since: &Option<Timestamp>| {
            since.is_some_and(|since| now - since >= self.patience.settle)
        };
        if let Some(better) = self.good.iter().take(driver).position(settled) {
            return Some(self.drive(better));
        }
        if let Some(since) = self.good.get(driver).copied().flatten() {
            // A reference that is back for a moment now and then is none.
            if now - since >= self.patience.settle {
                self.lost = None;
            }
            return std::mem::take(&mut self.holds).then_some(Change::Caught(driver));
        }
        let lost = *self.lost.get_or_insert(now);
        if !std::mem::replace(&mut self.holds, true) {
            return Some(Change::Holds(driver));
        }
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
        (self.lost, self.holds) = (None, false);
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

    impl Choice {
        /// A look at clocks that all lock within two seconds.
        fn sees(&mut self, millis: u64, states: &[ClockState]) -> Option<Change> {
            self.look(at(millis), states, |_| Duration::from_secs(2))
        }
    }

    #[test]
    fn holds_then_moves_on_and_comes_back_when_it_has_settled() {
        let mut choice = Choice::new(3);
        let mut look = |millis, states: [ClockState; 3]| choice.sees(millis, &states);
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
        assert_eq!(look(7_000, [Locked, Locked, FreeRunning]), None);
        assert_eq!(
            look(8_000, [Holdover, Locked, FreeRunning]),
            Some(Change::Holds(0))
        );
        assert_eq!(look(12_999, [Holdover, Locked, FreeRunning]), None);
        assert_eq!(
            look(13_000, [Holdover, Locked, FreeRunning]),
            Some(Change::Drives(1))
        );
        assert_eq!(look(14_000, [Locked, Locked, FreeRunning]), None);
        assert_eq!(look(15_000, [Acquiring, Locked, FreeRunning]), None);
        assert_eq!(look(16_000, [Locked, Locked, FreeRunning]), None);
        assert_eq!(look(18_999, [Locked, Locked, FreeRunning]), None);
        assert_eq!(
            look(19_000, [Locked, Locked, FreeRunning]),
            Some(Change::Drives(0))
        );
    }

    #[test]
    fn a_reference_that_is_back_for_a_moment_now_and_then_is_none() {
        let mut choice = Choice::new(2);
        assert_eq!(
            choice.sees(0, &[Locked, FreeRunning]),
            Some(Change::Drives(0))
        );
        let bad = [Holdover, FreeRunning];
        assert_eq!(choice.sees(10_000, &bad), Some(Change::Holds(0)));
        assert_eq!(choice.sees(14_000, &bad), None);
        assert_eq!(
            choice.sees(14_002, &[Locked, FreeRunning]),
            Some(Change::Caught(0))
        );
        assert_eq!(choice.sees(14_004, &bad), Some(Change::Holds(0)));
        assert_eq!(choice.sees(14_999, &bad), None);
        // While it has its reference it goes on.
        assert_eq!(
            choice.sees(15_000, &[Locked, FreeRunning]),
            Some(Change::Caught(0))
        );
        assert_eq!(choice.sees(15_002, &bad), Some(Change::Holds(0)));
        assert_eq!(choice.sees(15_004, &bad), Some(Change::Drives(1)));
        // Nor does it drive again before it has settled.
        for millis in (16_000..40_000).step_by(1_000) {
            let flaps = if millis % 3_000 == 0 { bad[0] } else { Locked };
            assert_eq!(choice.sees(millis, &[flaps, FreeRunning]), None);
        }
        assert_eq!(choice.driver(), Some(1));
    }

    #[test]
    fn waits_at_the_start_for_as_long_as_each_says_that_it_needs() {
        let needs = |clock| Duration::from_secs([5, 20, 0][clock]);
        let both = [Acquiring, Acquiring, FreeRunning];
        let mut choice = Choice::new(3);
        assert_eq!(choice.look(at(1_000), &both, needs), None);
        // The first has come too late, and the second is still waited for.
        let states = [Lost, Acquiring, FreeRunning];
        assert_eq!(choice.look(at(20_999), &states, needs), None);
        assert_eq!(
            choice.look(at(21_000), &both, needs),
            Some(Change::Drives(2))
        );
        // The better one of those that have come is taken without those that are worse.
        let mut choice = Choice::new(3);
        assert_eq!(choice.look(at(0), &both, needs), None);
        let states = [Acquiring, Locked, FreeRunning];
        assert_eq!(choice.look(at(4_999), &states, needs), None);
        assert_eq!(
            choice.look(at(5_000), &states, needs),
            Some(Change::Drives(1))
        );
        // What was said goes before.
        let mut choice = Choice::new(3);
        choice.patience.start = Some(Duration::from_secs(1));
        assert_eq!(choice.look(at(0), &both, needs), None);
        assert_eq!(
            choice.look(at(1_000), &both, needs),
            Some(Change::Drives(2))
        );
    }

    #[test]
    fn does_not_wait_for_a_clock_that_is_lost_nor_longer_than_it_was_told() {
        let mut choice = Choice::new(2);
        assert_eq!(
            choice.sees(0, &[Lost, FreeRunning]),
            Some(Change::Drives(1))
        );
        let mut choice = Choice::new(2);
        assert_eq!(choice.sees(0, &[Acquiring, FreeRunning]), None);
        assert_eq!(
            choice.sees(2_000, &[Acquiring, FreeRunning]),
            Some(Change::Drives(1))
        );
    }

    #[test]
    fn drives_on_when_there_is_nothing_better() {
        let mut choice = Choice::new(1);
        assert_eq!(choice.sees(0, &[Locked]), Some(Change::Drives(0)));
        assert_eq!(choice.sees(1, &[Lost]), Some(Change::Holds(0)));
        assert_eq!(choice.sees(60_000, &[Lost]), None);
        assert_eq!(choice.driver(), Some(0));
        assert_eq!(choice.sees(60_001, &[Locked]), Some(Change::Caught(0)));
    }
}
