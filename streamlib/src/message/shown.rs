//! Which ticks an actor in another process has been shown: what it writes on its items is measured by them.

use std::time::Duration;

use crate::time::TimedTick;

/// How far a tick on an item may lie ahead of what was shown: there are actors that send several items on a tick.
const AHEAD: Duration = Duration::from_secs(60);
const TICKS_AHEAD: u64 = 1 << 20;
/// The most clocks of which it is known.
const MOST_CLOCKS: usize = 32;

/// The latest tick of each clock that was shown, and the last of all.
#[derive(Default)]
pub(crate) struct Shown {
    latest: Vec<TimedTick>,
    last: TimedTick,
}

impl Shown {
    /// This one is shown.
    pub fn show(&mut self, tick: TimedTick) {
        self.last = tick;
        let known = (self.latest.iter_mut()).find(|latest| latest.clock_id == tick.clock_id);
        match known {
            Some(latest) => {
                latest.timestamp = latest.timestamp.max(tick.timestamp);
                latest.frame_number = latest.frame_number.max(tick.frame_number);
            }
            None => {
                if self.latest.len() == MOST_CLOCKS {
                    self.latest.remove(0);
                }
                self.latest.push(tick);
            }
        }
    }

    /// The tick that an item is to have which came with `tick`: another one where that cannot be, since the actor has heard
    /// nothing of its clock, or it is far in the future.
    pub fn or_last(&self, tick: TimedTick) -> TimedTick {
        let can_be = |latest: &TimedTick| {
            latest.clock_id == tick.clock_id
                && tick.timestamp <= latest.timestamp + AHEAD
                && tick.frame_number <= latest.frame_number.saturating_add(TICKS_AHEAD)
        };
        if tick == TimedTick::default() || self.latest.iter().any(can_be) {
            tick
        } else {
            self.last
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{ClockId, Timestamp};

    #[test]
    fn a_tick_that_cannot_be_is_taken_for_the_last_that_was_shown() {
        let [house, other, unknown] = std::array::from_fn(|_| ClockId::new_unique());
        let tick = |clock_id, seconds: u64, frame_number| TimedTick {
            timestamp: Timestamp::from_nanos(seconds * 1_000_000_000),
            frame_number,
            clock_id,
        };
        let mut shown = Shown::default();
        shown.show(tick(other, 9000, 7));
        let last = tick(house, 100, 6000);
        shown.show(last);
        for can_be in [
            tick(house, 3, 180),
            tick(house, 101, 6001),
            tick(other, 9000, 7),
            TimedTick::default(),
        ] {
            assert_eq!(shown.or_last(can_be), can_be);
        }
        for cannot in [
            tick(unknown, 100, 6000),
            tick(house, 161, 6001),
            tick(house, 100, u64::MAX),
        ] {
            assert_eq!(shown.or_last(cannot), last);
        }
        for number in 0..100 {
            shown.show(tick(ClockId::new_unique(), number, number));
        }
        assert_eq!(shown.latest.len(), MOST_CLOCKS);
    }
}
