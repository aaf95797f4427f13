//! Which tick of a join an item belongs to that came too late for its own, or was overwritten before it was looked at; and
//! which ticks are merged then.

use std::ops::Range;

use super::super::edge::{Brought, ENDED};
use super::Inbox;
use crate::sync::Ordering;
use crate::time::{Rate, TimedTick};

/// Of an edge whose `last` tick is none of those that a join is to work on, `ticks`: which of them it works on for what
/// came, and how many items that is; `None` when nothing came for them.
pub(super) fn due(
    kept: Option<TimedTick>,
    last: Brought,
    came: u64,
    ticks: Range<u64>,
    rate: Option<Rate>,
) -> Option<(TimedTick, u64)> {
    // An edge that runs ahead keeps its items for the ticks that they belong to. Those before were overwritten by it; their
    // tick is worked on all the same, with what is there.
    let came = came.saturating_sub(last.from(ticks.end));
    if came == 0 {
        return None;
    }
    let kept = kept.filter(|kept| ticks.contains(&kept.frame_number));
    let newest = u64::from(last.below(ticks.end).trailing_zeros());
    let newest = (newest < 64).then(|| ticks.end - 1 - newest);
    let number = match (newest.filter(|newest| ticks.contains(newest)), kept) {
        (Some(newest), _) => newest,
        // It is too long ago to be remembered.
        (None, Some(kept)) => kept.frame_number,
        // What comes after its tick was worked on comes with the next one, as numbers never go back.
        (None, None) if ticks.end == ENDED => ticks.start,
        (None, None) => ticks.end - 1,
    };
    let is_it = |kept: &TimedTick| kept.frame_number == number;
    let known = || Some(numbered(last.tick, number, rate?));
    let tick = kept.filter(is_it).or_else(known).or(kept);
    Some((tick?, came))
}

impl Inbox {
    /// How many ticks of a join from `from` on and below `number` have brought an item, along whichever of its edges; `least` of
    /// them, if they are too many to be remembered.
    pub(super) fn merged(&mut self, from: u64, number: u64, least: u64) -> u64 {
        let ticks = number.saturating_sub(from);
        let mut brought = 0;
        for edge in &mut self.edges {
            if edge.is_foreign {
                // It has been read as well. Acquire: as in `newest`.
                edge.seen = edge.progress.published.load(Ordering::Acquire);
            } else if let Some(last) = edge.ticks.latest()
                && (!self.open || Some(last.tick.clock_id) == self.follows)
            {
                brought |= last.below(number);
            }
        }
        match u32::try_from(ticks) {
            Ok(ticks @ ..64) => u64::from((brought & !(u64::MAX << ticks)).count_ones()),
            _ => least.max(brought.count_ones().into()),
        }
    }
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
