//! When a failing actor is tried again: rests that grow, and how many restarts are enough.

use std::collections::VecDeque;
use std::time::Duration;

use crate::actor::Restart;
use crate::time::{ClockId, TimedTick, Timestamp};

/// Failures in a row after which the rests grow no longer.
const LONGEST_REST: u32 = 8;

/// The failures of one actor.
#[derive(Default)]
pub(super) struct Restarts {
    /// Failures in a row.
    failures: u32,
    rest: Rest,
    /// When it was restarted lately, by this clock.
    recent: VecDeque<Timestamp>,
    clock: Option<ClockId>,
}

#[derive(Clone, Copy, Default)]
enum Rest {
    /// It works.
    #[default]
    None,
    /// So many ticks pass before it is tried again.
    Ticks(u64),
    /// Time passes before it is tried again, from the first tick on.
    For(Duration),
    /// So much time passes before it is tried again, which is over at an instant of a clock.
    Until(Duration, Timestamp, ClockId),
}

impl Rest {
    /// Of so much time, from this tick on.
    fn since(tick: TimedTick, time: Duration) -> Self {
        Self::Until(time, tick.timestamp + time, tick.clock_id)
    }
}

impl Restarts {
    /// Whether this tick is for working: not while the actor rests.
    #[inline]
    pub(super) fn is_working(&self) -> bool {
        matches!(self.rest, Rest::None)
    }

    /// A tick of the rest; says whether it is over.
    #[cold]
    pub(super) fn is_over(&mut self, tick: TimedTick) -> bool {
        match &mut self.rest {
            Rest::None => true,
            Rest::Ticks(left) => {
                *left = left.saturating_sub(1);
                *left == 0
            }
            Rest::Until(_, until, clock) if *clock == tick.clock_id => tick.timestamp >= *until,
            // Where the ticks are those of another clock, whose time is another one, it begins anew.
            Rest::For(time) | Rest::Until(time, ..) => {
                self.rest = Rest::since(tick, *time);
                false
            }
        }
    }

    /// It has failed on this tick, or could not be opened before the first one; says whether it is to be tried again.
    pub(super) fn failed(&mut self, policy: &Restart, tick: Option<TimedTick>) -> bool {
        if let Some(tick) = tick {
            self.counts_by(tick.clock_id);
            while let Some(&first) = self.recent.front()
                && tick.timestamp - first > policy.within
            {
                self.recent.pop_front();
            }
        }
        if self.recent.len() >= policy.max as usize {
            return false;
        }
        self.failures = (self.failures + 1).min(LONGEST_REST);
        self.rest = if policy.backoff.is_zero() {
            Rest::Ticks(1 << self.failures)
        } else {
            let time = policy.backoff.saturating_mul(1 << (self.failures - 1));
            tick.map_or(Rest::For(time), |tick| Rest::since(tick, time))
        };
        true
    }

    /// It is open again.
    pub(super) fn restarted(&mut self, policy: &Restart, tick: TimedTick) {
        self.rest = Rest::None;
        if policy.max < u32::MAX {
            self.counts_by(tick.clock_id);
            self.recent.push_back(tick.timestamp);
        }
    }

    /// What was counted by another clock says nothing by this one.
    fn counts_by(&mut self, clock: ClockId) {
        if self.clock.replace(clock) != Some(clock) {
            self.recent.clear();
        }
    }

    /// It has worked.
    #[inline]
    pub(super) fn worked(&mut self) {
        if self.failures > 0 {
            self.failures = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::ClockId;

    fn tick(millis: u64) -> TimedTick {
        TimedTick {
            timestamp: Timestamp::from_nanos(millis * 1_000_000),
            frame_number: millis,
            clock_id: ClockId::default(),
        }
    }

    #[test]
    fn rests_double_and_count_from_the_failure() {
        let policy = Restart {
            backoff: Duration::from_millis(10),
            ..Restart::ALWAYS
        };
        let mut restarts = Restarts::default();
        let mut now = 0;
        for rest in [10, 20, 40, 80, 160, 320, 640, 1280, 1280, 1280] {
            assert!(restarts.failed(&policy, Some(tick(now))));
            assert!(!restarts.is_over(tick(now + rest - 1)));
            now += rest;
            assert!(restarts.is_over(tick(now)));
            restarts.restarted(&policy, tick(now));
            assert!(restarts.is_working());
        }
        restarts.worked();
        assert!(restarts.failed(&policy, Some(tick(now))));
        assert!(restarts.is_over(tick(now + 10)));
    }

    #[test]
    fn what_could_not_be_opened_rests_from_the_first_tick_on() {
        let policy = Restart {
            backoff: Duration::from_millis(10),
            ..Restart::ALWAYS
        };
        let mut restarts = Restarts::default();
        assert!(restarts.failed(&policy, None) && !restarts.is_working());
        assert!(!restarts.is_over(tick(500)) && !restarts.is_over(tick(509)));
        assert!(restarts.is_over(tick(510)));
        // The second failure in a row.
        restarts.restarted(&policy, tick(510));
        assert!(restarts.failed(&policy, Some(tick(510))));
        assert!(!restarts.is_over(tick(529)) && restarts.is_over(tick(530)));
        let never = Restart { max: 0, ..policy };
        assert!(!Restarts::default().failed(&never, None));
    }

    #[test]
    fn enough_within_some_time_is_enough() {
        let policy = Restart {
            max: 3,
            within: Duration::from_millis(100),
            backoff: Duration::from_millis(1),
        };
        let mut restarts = Restarts::default();
        for now in [0, 20, 40] {
            assert!(restarts.failed(&policy, Some(tick(now))));
            restarts.restarted(&policy, tick(now + 1));
            restarts.worked();
        }
        assert!(!restarts.failed(&policy, Some(tick(60))));
        // The first is forgotten by now.
        assert!(restarts.failed(&policy, Some(tick(102))));
    }

    /// The same, on a clock whose time is another one.
    fn other(clock_id: ClockId, millis: u64) -> TimedTick {
        TimedTick {
            clock_id,
            ..tick(millis)
        }
    }

    #[test]
    fn a_rest_begins_anew_on_the_ticks_of_another_clock() {
        let policy = Restart {
            backoff: Duration::from_millis(10),
            ..Restart::ALWAYS
        };
        let clock = ClockId::new_unique();
        for (before, after) in [(1_000_000, 0), (0, 1_000_000)] {
            let mut restarts = Restarts::default();
            assert!(restarts.failed(&policy, Some(tick(before))));
            assert!(!restarts.is_over(tick(before + 9)));
            assert!(!restarts.is_over(other(clock, after)));
            assert!(!restarts.is_over(other(clock, after + 9)));
            assert!(restarts.is_over(other(clock, after + 10)));
        }
    }

    #[test]
    fn restarts_are_counted_by_one_clock() {
        let policy = Restart {
            max: 2,
            within: Duration::from_millis(100),
            backoff: Duration::from_millis(1),
        };
        let clock = ClockId::new_unique();
        // By the other clock, all of it seems to be at one instant, or long ago.
        for (before, after) in [(1_000_000, 0), (0, 1_000_000)] {
            let mut restarts = Restarts::default();
            for now in [before, before + 10] {
                assert!(restarts.failed(&policy, Some(tick(now))));
                restarts.restarted(&policy, tick(now + 1));
            }
            for now in [after, after + 10] {
                assert!(restarts.failed(&policy, Some(other(clock, now))));
                restarts.restarted(&policy, other(clock, now + 1));
            }
            assert!(!restarts.failed(&policy, Some(other(clock, after + 20))));
        }
    }
}
