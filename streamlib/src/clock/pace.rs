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
        let theirs = self.theirs(next);
        let due = timeline.due(theirs)?;
        // How far it has moved is told by what is due now at that instant: the deadline of a tick that
        // is long over need not be known.
        if let Some(expected) = self.expected
            && due != expected
            && let Some(there) = nearest(timeline, expected)
            && apart(timeline.timestamp(there), timeline.timestamp(theirs)) > STEP
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::clock::ClockStatus;
    use crate::time::Rate;

    const HOUR: i64 = 3_600_000_000_000;
    /// Tick 0 was long ago: a time of an epoch.
    const BEFORE: u64 = 1_000_000 * 1_000_000_000;

    /// Time that a test steps as it likes. Tick 0 is at 0 of its own time.
    struct Stepping {
        rate: Rate,
        /// What its time is above the monotonic one; `None`: it has no time.
        ahead: Mutex<Option<i64>>,
    }

    impl Stepping {
        fn new(ahead: Option<i64>) -> Self {
            let rate = Rate::fps(50);
            let ahead = Mutex::new(ahead);
            Self { rate, ahead }
        }

        fn get(&self) -> Option<i64> {
            *self.ahead.lock().expect("nobody panics with it")
        }

        fn set(&self, ahead: Option<i64>) {
            *self.ahead.lock().expect("nobody panics with it") = ahead;
        }

        fn step(&self, by: i64) {
            self.set(self.get().map(|ahead| ahead + by));
        }
    }

    impl Timeline for Stepping {
        fn newest(&self, monotonic: Timestamp) -> Option<u64> {
            self.get()?;
            Some(self.rate.frame_at(self.time(monotonic).since_epoch()))
        }
        fn due(&self, frame_number: u64) -> Option<Timestamp> {
            let theirs = self.timestamp(frame_number).as_nanos() as i64;
            Some(Timestamp::from_nanos((theirs - self.get()?).max(0) as u64))
        }
        fn timestamp(&self, frame_number: u64) -> Timestamp {
            Timestamp::ZERO + self.rate.time_of(frame_number)
        }
        fn time(&self, monotonic: Timestamp) -> Timestamp {
            let nanos = monotonic.as_nanos() as i64 + self.get().unwrap_or_default();
            Timestamp::from_nanos(nanos.max(0) as u64)
        }
        fn status(&self) -> ClockStatus {
            ClockStatus::default()
        }
    }

    /// Monotonic time that passes only here; a ticker that sleeps exactly and works for nothing.
    struct Simulated {
        now: Timestamp,
        pace: Pace,
        ticks: Vec<(Timestamp, u64)>,
    }

    impl Simulated {
        fn new() -> Self {
            Self {
                now: Timestamp::from_nanos(BEFORE),
                pace: Pace::default(),
                ticks: Vec::new(),
            }
        }

        fn run(&mut self, timeline: &Stepping, time: Duration) {
            let end = self.now + time;
            while let Some(due) = self.pace.due(timeline, self.now).filter(|&due| due <= end) {
                self.now = self.now.max(due);
                let number = self.pace.tick(timeline, self.now);
                self.ticks.push((self.now, number));
            }
            self.now = self.now.max(end);
        }

        /// The greatest differences between one tick and the next: in time, and in number.
        fn gaps(&self) -> (Duration, u64) {
            let pairs = || self.ticks.windows(2);
            assert!(
                pairs().all(|pair| pair[1].1 > pair[0].1),
                "a number came again"
            );
            let time = pairs().map(|pair| pair[1].0 - pair[0].0).max();
            let number = pairs().map(|pair| pair[1].1 - pair[0].1).max();
            (time.unwrap_or_default(), number.unwrap_or_default())
        }
    }

    #[test]
    fn a_step_of_an_hour_neither_repeats_nor_jumps_nor_bursts() {
        for step in [HOUR, -HOUR, HOUR + 7_000_000, -HOUR - 13_000_000] {
            let timeline = Stepping::new(Some(0));
            let mut run = Simulated::new();
            run.run(&timeline, Duration::from_secs(1));
            timeline.step(step);
            run.run(&timeline, Duration::from_secs(1));
            // One place in the beat is moved by half a period at most.
            let (time, number) = run.gaps();
            assert!(time <= Duration::from_millis(30), "{step}: {time:?}");
            assert_eq!(number, 1, "{step}");
            let count = run.ticks.len();
            assert!(
                (99..=101).contains(&count),
                "{step}: {count} ticks in two seconds"
            );
            assert_eq!(run.pace.steps(), 1);
            // The beat is that of the new time.
            let last = timeline.time(run.ticks[count - 1].0);
            assert_eq!(last.as_nanos() % 20_000_000, 0, "{step}");
        }
    }

    #[test]
    fn a_step_while_stopped_costs_the_ticks_of_the_stop_alone() {
        for step in [HOUR, -HOUR] {
            let timeline = Stepping::new(Some(0));
            let mut run = Simulated::new();
            run.run(&timeline, Duration::from_secs(1));
            run.now += Duration::from_secs(3);
            timeline.step(step);
            run.run(&timeline, Duration::from_secs(1));
            let (time, number) = run.gaps();
            assert!(
                (149..=152).contains(&number),
                "{step}: {number} ticks at once"
            );
            assert!(time <= Duration::from_millis(3_030), "{step}: {time:?}");
        }
    }

    #[test]
    fn less_than_a_second_is_followed() {
        let timeline = Stepping::new(Some(0));
        let mut run = Simulated::new();
        run.run(&timeline, Duration::from_secs(1));
        timeline.step(200_000_000);
        run.run(&timeline, Duration::from_secs(1));
        timeline.step(-200_000_000);
        run.run(&timeline, Duration::from_secs(1));
        assert_eq!((run.gaps().1, run.pace.steps()), (10, 0));
        let (now, number) = run.ticks[run.ticks.len() - 1];
        assert_eq!(timeline.newest(now), Some(number));
    }

    #[test]
    fn there_is_no_tick_without_time() {
        let timeline = Stepping::new(None);
        let mut run = Simulated::new();
        run.run(&timeline, Duration::from_secs(1));
        assert_eq!(run.ticks, []);
        timeline.set(Some(0));
        run.run(&timeline, Duration::from_secs(1));
        let first = run.ticks[0].1;
        timeline.set(None);
        run.run(&timeline, Duration::from_secs(1));
        timeline.set(Some(0));
        run.run(&timeline, Duration::from_secs(1));
        let last = run.ticks[run.ticks.len() - 1].1;
        assert_eq!(last - first, 149);
        assert_eq!(run.gaps().1, 50, "a second with no time is one merged tick");
    }

    #[test]
    fn ticks_that_nobody_was_there_for_are_left_out() {
        let timeline = Stepping::new(Some(0));
        let mut run = Simulated::new();
        run.run(&timeline, Duration::from_secs(1));
        let last = run.ticks[run.ticks.len() - 1];
        run.now += Duration::from_millis(1_010);
        run.pace.skip(&timeline, run.now);
        run.run(&timeline, Duration::from_secs(1));
        let next = run.ticks[run.ticks.iter().position(|tick| *tick == last).unwrap_or(0) + 1];
        assert_eq!(next.1 - last.1, 51);
        assert_eq!(
            next.0 - last.0,
            Duration::from_millis(1_020),
            "on its time, not at once"
        );
    }
}
