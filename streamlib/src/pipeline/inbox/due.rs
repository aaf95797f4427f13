//! Which tick of a join an item belongs to that came too late for its own, or was overwritten before it was looked at.

use std::ops::Range;

use super::super::edge::ENDED;
use crate::time::{Rate, TimedTick};

/// Of an edge whose `last` tick is none of those that a join is to work on, `ticks`: which of them it works on for what
/// came, and how many items that is; `None` when nothing came for them.
pub(super) fn due(
    kept: Option<TimedTick>,
    last: TimedTick,
    came: u64,
    ticks: Range<u64>,
    rate: Option<Rate>,
) -> Option<(TimedTick, u64)> {
    let is_behind = last.frame_number < ticks.start;
    let came = if is_behind {
        came
    } else {
        // An edge that runs ahead keeps its items for the ticks that they belong to, each of which has one at most. Those
        // before were overwritten by it; their tick is worked on all the same, with what is there.
        came.saturating_sub(last.frame_number - ticks.end + 1)
    };
    if came == 0 {
        return None;
    }
    let kept = kept.filter(|kept| ticks.contains(&kept.frame_number));
    let tick = kept.or_else(|| {
        // What comes after its tick was worked on comes with the next one, as numbers never go back.
        let number = if ticks.end == ENDED {
            ticks.start
        } else {
            ticks.end - 1
        };
        Some(numbered(last, number, rate?))
    });
    Some((tick?, came))
}

/// The tick of this number, on the clock of another.
fn numbered(tick: TimedTick, frame_number: u64, rate: Rate) -> TimedTick {
    let (here, there) = (rate.time_of(tick.frame_number), rate.time_of(frame_number));
    TimedTick {
        timestamp: tick.timestamp + there.saturating_sub(here) - here.saturating_sub(there),
        frame_number,
        ..tick
    }
}
