//! When an actor's pictures are split, and into how many bands.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::crew::Crew;
use crate::time::TimedTick;

/// The most bands of a picture.
pub(in crate::actors) const MOST: usize = 16;

/// After so many pictures one after the other that took more than half of a tick's period, the next is split.
const TOO_SLOW: u32 = 4;

/// After so many that would take less than three eighths on one thread, it is whole again.
const QUICK: u32 = 120;

/// Looks at what the pictures of an actor take, and splits them where one core cannot hold the rate.
#[derive(Debug)]
pub(in crate::actors) struct Splitter {
    bands: usize,
    before: Option<TimedTick>,
    /// What the last picture took, on all threads together.
    busy: Duration,
    too_slow: u32,
    quick: u32,
}

impl Splitter {
    /// Begins a tick: judges what the last picture took.
    pub fn begin(&mut self, tick: TimedTick) {
        let before = self.before.replace(tick);
        let busy = std::mem::take(&mut self.busy);
        let Some(period) = before.and_then(|before| period(before, tick)) else {
            return;
        };
        if busy.is_zero() {
            return; // there was nothing to do
        }
        if busy > period / 2 {
            self.too_slow += 1;
            self.quick = 0;
        } else {
            self.too_slow = 0;
            self.quick += u32::from(busy < period * 3 / 8);
        }
        if self.bands == 1 && self.too_slow >= TOO_SLOW {
            self.too_slow = 0;
            let hands = Crew::found().hands();
            if hands > 0 {
                // Two for each core: one that is held up holds up less.
                self.bands = (2 * (hands + 1)).min(MOST);
            }
        } else if self.bands > 1 && self.quick >= QUICK {
            self.bands = 1;
        }
    }

    /// How many bands the next picture is to have.
    pub fn bands(&self) -> usize {
        self.bands
    }

    /// Has `work` work on each of the bands, of which there are as many as was said, or fewer.
    ///
    /// # Panics
    /// As `work` does.
    pub fn each<B: Send>(&mut self, bands: &mut [B], work: impl Fn(&mut B) + Sync) {
        let busy = AtomicU64::new(0);
        let count = bands.len();
        let bands = Mutex::new(bands.iter_mut());
        let share = || {
            let begun = Instant::now();
            loop {
                let next = bands.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(band) = next else { break };
                work(band);
            }
            // Relaxed: read when all threads have left, which the crew's lock orders.
            busy.fetch_add(begun.elapsed().as_nanos() as u64, Ordering::Relaxed);
        };
        if count > 1 {
            let crew = Crew::found();
            crew.run(crew.hands().min(count - 1), &share);
        } else {
            share();
        }
        self.busy += Duration::from_nanos(busy.into_inner());
    }

    /// As if pictures were too slow for one core.
    #[cfg(test)]
    pub fn of(bands: usize) -> Self {
        Self {
            bands,
            ..Self::default()
        }
    }
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            bands: 1,
            before: None,
            busy: Duration::ZERO,
            too_slow: 0,
            quick: 0,
        }
    }
}

/// The time from a tick to the next one of its clock.
fn period(before: TimedTick, tick: TimedTick) -> Option<Duration> {
    let ticks = tick.frame_number.checked_sub(before.frame_number)?;
    let ticks = u32::try_from(ticks).ok().filter(|&ticks| ticks > 0)?;
    let apart = tick.timestamp.saturating_since(before.timestamp) / ticks;
    (before.clock_id == tick.clock_id && !apart.is_zero()).then_some(apart)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{ClockId, Rate, Timestamp};

    /// Begins so many ticks at 50 fps, on each of which so much was worked before.
    fn ticks(splitter: &mut Splitter, from: u64, count: u64, millis: u64) {
        for frame_number in from..from + count {
            splitter.busy = Duration::from_millis(millis);
            splitter.begin(TimedTick {
                timestamp: Timestamp::ZERO + Rate::fps(50).time_of(frame_number),
                frame_number,
                clock_id: ClockId::default(),
            });
        }
    }

    #[test]
    fn only_what_is_too_slow_again_and_again_is_split_and_only_as_long() {
        let mut splitter = Splitter::default();
        ticks(&mut splitter, 0, 100, 9);
        assert_eq!(splitter.bands(), 1);
        ticks(&mut splitter, 100, 3, 11);
        ticks(&mut splitter, 103, 1, 2);
        ticks(&mut splitter, 104, 3, 11);
        assert_eq!(splitter.bands(), 1, "not one after the other");
        ticks(&mut splitter, 107, 1, 11);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let several = if cores > 1 { (2 * cores).min(MOST) } else { 1 };
        assert_eq!(splitter.bands(), several);
        ticks(&mut splitter, 108, 200, 9);
        assert_eq!(splitter.bands(), several, "nearly too slow");
        ticks(&mut splitter, 308, u64::from(QUICK), 7);
        assert_eq!(splitter.bands(), 1);
    }

    #[test]
    fn every_band_is_worked_on_once() {
        let mut splitter = Splitter::of(9);
        let mut bands = [0; 9];
        for round in 1..100 {
            splitter.each(&mut bands, |band| *band += 1);
            assert_eq!(bands, [round; 9]);
        }
    }
}
