//! How long an actor under `skip` rests after it has lost its worker: longer the more often it did lately.

use std::collections::VecDeque;
use std::time::Duration;

use crate::actor::Restart;
use crate::time::Timestamp;

/// After how many losses the rests grow no longer: 2^8 ticks.
const LONGEST_REST: u32 = 8;
/// What is meant by lately: what `restart` means too.
const LATELY: Duration = Restart::ALWAYS.within;

/// The losses of one actor.
#[derive(Default)]
pub(super) struct Rests {
    /// When it lost its worker lately, or had none that would start.
    losses: VecDeque<Timestamp>,
    /// How many ticks are left of a rest.
    left: u64,
}

impl Rests {
    /// It is lost once more. The first rest is none, and it starts again on the next tick.
    ///
    /// That it has worked in between makes no rest shorter: what goes down on every other tick would be started for ever.
    pub fn lost(&mut self, now: Timestamp) {
        if self.losses.back() == Some(&now) {
            return; // on this tick it was counted
        }
        self.losses.retain(|&loss| now - loss <= LATELY);
        if self.losses.len() == LONGEST_REST as usize {
            self.losses.pop_front();
        }
        self.losses.push_back(now);
        self.left = (1 << self.losses.len()) - 2;
    }

    /// What was counted last was none.
    pub fn was_none(&mut self) {
        self.losses.pop_back();
        self.left = 0;
    }

    /// Takes a tick of the rest; says whether it is over.
    pub fn is_over(&mut self) -> bool {
        let is_over = self.left == 0;
        self.left = self.left.saturating_sub(1);
        is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_nanos(seconds * 1_000_000_000)
    }

    /// How long it rests.
    fn rest(rests: &mut Rests) -> u64 {
        let mut ticks = 0;
        while !rests.is_over() {
            ticks += 1;
        }
        ticks
    }

    #[test]
    fn rests_grow_though_it_works_in_between_and_shrink_when_it_has_for_long() {
        let mut rests = Rests::default();
        assert!(rests.is_over(), "it has lost nothing");
        for (second, ticks) in [0, 2, 6, 14, 30, 62, 126, 254, 254, 254].iter().enumerate() {
            rests.lost(at(second as u64));
            assert_eq!(rest(&mut rests), *ticks);
            assert!(rests.is_over(), "it works");
        }
        rests.lost(at(66));
        assert_eq!(rest(&mut rests), 30, "those of the last minute are five");
        rests.lost(at(200));
        rests.lost(at(200));
        assert_eq!(rest(&mut rests), 0);
        rests.lost(at(201));
        rests.was_none();
        rests.lost(at(202));
        assert_eq!(rest(&mut rests), 2);
    }
}
