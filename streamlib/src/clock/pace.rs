//! Which tick comes next and when, worked out from a timeline that may move.

use std::time::Duration;

use super::Timeline;
use crate::time::Timestamp;

/// A timeline that moves by more than this between two looks at it has stepped.
const STEP: Duration = Duration::from_secs(1);

/// Where a ticker is on its timeline. It never takes a number again and never goes back.
///
/// Late ticks are merged into the newest one that is due. A timeline that steps by more than a second
/// is followed in its beat, but not in its numbers: these go on as if it had not stepped.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// The number of the next tick; `None` before the first look.
    next: Option<u64>,
    /// By how much the timeline's number of a tick is greater than ours, for it has stepped.
    ahead: i128,
    /// When the next tick was due at the last look.
    expected: Option<Timestamp>,
    /// How often the timeline has stepped.
    steps: u64,
}

impl Pace {
    /// When the next tick is due; `None` while the timeline has no time.
    pub(super) fn due(&mut self, timeline: &impl Timeline, now: Timestamp) -> Option<Timestamp> {
        let next = match self.next {
            Some(next) => next,
            None => *self.next.insert(first(timeline, now)?),
        };
        let due = timeline.due(self.theirs(next))?;
        if let Some(expected) = self.expected
            && apart(due, expected) > STEP
            && let Some(there) = nearest(timeline, expected)
        {
            self.steps += 1;
            self.ahead = i128::from(there) - i128::from(next);
            self.expected = timeline.due(there);
        } else {
            self.expected = Some(due);
        }
        self.expected
    }

    /// Takes the newest tick that is due, which is the next one or later, and gives its number.
    pub(super) fn tick(&mut self, timeline: &impl Timeline, now: Timestamp) -> u64 {
        let next = self.next.unwrap_or_default();
        let number = self.newest(timeline, now).unwrap_or(next).max(next);
        self.go_to(number.saturating_add(1), timeline);
        number
    }

    /// Leaves out the ticks that are due already: nobody was there for them.
    pub(super) fn skip(&mut self, timeline: &impl Timeline, now: Timestamp) {
        // A step meanwhile is found first.
        if let (Some(next), Some(_)) = (self.next, self.due(timeline, now))
            && let Some(newest) = self.newest(timeline, now)
            && newest >= next
        {
            self.go_to(newest.saturating_add(1), timeline);
        }
    }

    /// How often the timeline has stepped.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    fn go_to(&mut self, next: u64, timeline: &impl Timeline) {
        self.next = Some(next);
        self.expected = timeline.due(self.theirs(next));
    }

    /// Our number of the newest tick that is due.
    fn newest(&self, timeline: &impl Timeline, now: Timestamp) -> Option<u64> {
        let theirs = i128::from(timeline.newest(now)?);
        u64::try_from(theirs - self.ahead).ok()
    }

    /// The timeline's number of our tick.
    fn theirs(&self, ours: u64) -> u64 {
        let theirs = i128::from(ours) + self.ahead;
        u64::try_from(theirs.max(0)).unwrap_or(u64::MAX)
    }
}

/// The tick to begin with: tick 0 if it is not long over, else the next one to come.
fn first(timeline: &impl Timeline, now: Timestamp) -> Option<u64> {
    timeline.due(0)?;
    Some(match timeline.newest(now) {
        None | Some(0) => 0,
        Some(newest) => newest.saturating_add(1),
    })
}

/// The tick whose deadline is closest to `at`; `None` when there is none before it.
fn nearest(timeline: &impl Timeline, at: Timestamp) -> Option<u64> {
    let before = timeline.newest(at)?;
    let after = before.saturating_add(1);
    let (late, early) = (at - timeline.due(before)?, timeline.due(after)? - at);
    Some(if late <= early { before } else { after })
}

fn apart(a: Timestamp, b: Timestamp) -> Duration {
    if a > b { a - b } else { b - a }
}
