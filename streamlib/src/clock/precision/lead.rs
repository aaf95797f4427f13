//! How much too early the timer is set, so that the rest can be spun away.

use std::time::Duration;

use super::quantile::Quantile;

/// The longest spin, however coarse the machine's timers are.
pub(super) const MOST: Duration = Duration::from_micros(200);
/// The longest spin as a part of the period.
const PART: u32 = 20;
/// The share of the wake-ups that are to be early enough.
const SHARE: f64 = 0.95;

/// Learns from the timer's own errors by how much it has to ring early.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lead {
    error: Quantile,
    most: Duration,
}

impl Lead {
    /// For ticks that are `period` apart.
    pub(super) fn new(period: Duration) -> Self {
        Self {
            error: Quantile::new(SHARE),
            most: MOST.min(period / PART),
        }
    }

    /// By how much the timer is to be set early now.
    pub(super) fn get(&self) -> Duration {
        // A little more than what covers it: waking exactly then is as good as waking late.
        let error = self.error.get();
        (error + error / 8).min(self.most)
    }

    /// The timer rang this much later than it was set to.
    pub(super) fn rang_late(&mut self, error: Duration) {
        self.error.record(error.min(self.most * 2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_as_long_as_the_errors_and_no_longer_than_allowed() {
        let mut lead = Lead::new(Duration::from_millis(16));
        assert_eq!(lead.get(), Duration::ZERO);
        for n in 0..5_000 {
            lead.rang_late(Duration::from_micros(20 + n * 31 % 40));
        }
        let learnt = lead.get().as_micros();
        assert!((50..80).contains(&learnt), "{learnt} µs");
        // A machine under load: the spin stays bounded, and comes down again afterwards.
        for _ in 0..1_000 {
            lead.rang_late(Duration::from_millis(4));
        }
        assert_eq!(lead.get(), MOST);
        for _ in 0..2_000 {
            lead.rang_late(Duration::from_micros(5));
        }
        assert!(lead.get() < Duration::from_micros(10), "{:?}", lead.get());
    }

    #[test]
    fn is_a_twentieth_of_a_short_period() {
        let mut lead = Lead::new(Duration::from_millis(1));
        (0..1_000).for_each(|_| lead.rang_late(Duration::from_millis(1)));
        assert_eq!(lead.get(), Duration::from_micros(50));
    }
}
