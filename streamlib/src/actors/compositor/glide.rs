//! A layer on its way from what it was to what it is wanted to be, by the number of the tick.

use super::Layer;
use super::control::Wanted;
use crate::time::TimedTick;

/// A layer on its way. It is where it is wanted unless it was told to take its time.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::actors) struct Glide {
    from: Layer,
    to: Layer,
    /// The tick on which the change was taken over.
    begun: TimedTick,
    ticks: u32,
    change: u64,
}

impl Glide {
    /// What the layer is on this tick.
    pub fn at(&mut self, wanted: &Wanted, tick: TimedTick, picture: (u32, u32)) -> Layer {
        if self.change != wanted.change {
            self.from = self.now(tick, picture, 0);
            self.to = wanted.layer;
            (self.ticks, self.change, self.begun) = (wanted.ticks, wanted.change, tick);
        }
        let layer = self.now(tick, picture, 1);
        match &wanted.animation {
            Some(animation) => animation(layer, tick),
            None => layer,
        }
    }

    /// Where it is `more` ticks after those that have passed since it began.
    fn now(&self, tick: TimedTick, picture: (u32, u32), more: u64) -> Layer {
        let passed = tick.frame_number.checked_sub(self.begun.frame_number);
        match passed {
            Some(passed) if self.ticks > 0 && tick.clock_id == self.begun.clock_id => {
                let share = (passed + more) as f64 / f64::from(self.ticks);
                self.to.between(self.from, share as f32, picture)
            }
            // No time to take, or another clock, whose ticks are counted from elsewhere.
            _ => self.to,
        }
    }
}
