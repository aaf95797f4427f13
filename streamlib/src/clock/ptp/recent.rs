//! How far the clock was off its master in the last seconds, as it was measured.

use std::collections::VecDeque;

/// What is older than this is no longer told.
const WINDOW_NANOS: i64 = 10_000_000_000;
/// A master that sends more often than this fills the window with its newest.
const MOST: usize = 2_048;

/// The offsets that were measured with the newest exchanges, none left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    /// The local time, and the clock minus the master, in nanoseconds.
    offsets: VecDeque<(i64, i64)>,
}

impl Recent {
    pub(super) fn add(&mut self, local: i64, offset: i64) {
        if self.offsets.len() == MOST {
            self.offsets.pop_front();
        }
        self.offsets.push_back((local, offset));
    }

    /// The newest, however old it is.
    pub(super) fn newest(&self) -> Option<i64> {
        self.offsets.back().map(|&(_, offset)| offset)
    }

    /// The root of the mean square of those of the last ten seconds, and the greatest.
    pub(super) fn rms_and_most(&self, now: i64) -> Option<(f64, f64)> {
        let (mut count, mut squares, mut most) = (0.0, 0.0, 0.0_f64);
        for &(local, offset) in &self.offsets {
            if now.saturating_sub(local) <= WINDOW_NANOS {
                let offset = offset as f64;
                count += 1.0;
                squares += offset * offset;
                most = most.max(offset.abs());
            }
        }
        (count > 0.0).then(|| ((squares / count).sqrt(), most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    #[test]
    fn tells_the_last_ten_seconds_and_keeps_the_newest() {
        let mut recent = Recent::default();
        assert_eq!((recent.newest(), recent.rms_and_most(0)), (None, None));
        recent.add(0, 1_000_000);
        recent.add(5 * SECOND, -30);
        recent.add(15 * SECOND, 40);
        assert_eq!(
            recent.rms_and_most(15 * SECOND),
            Some((1_250_f64.sqrt(), 40.0))
        );
        assert_eq!(recent.rms_and_most(20 * SECOND), Some((40.0, 40.0)));
        assert_eq!(recent.rms_and_most(26 * SECOND), None);
        assert_eq!(recent.newest(), Some(40));
    }

    #[test]
    fn a_master_that_sends_without_end_fills_no_memory() {
        let mut recent = Recent::default();
        recent.add(0, 1_000_000);
        for local in 0..2 * MOST as i64 {
            recent.add(local, 7);
        }
        assert_eq!(recent.offsets.len(), MOST);
        assert_eq!(recent.rms_and_most(SECOND), Some((7.0, 7.0)));
    }
}
