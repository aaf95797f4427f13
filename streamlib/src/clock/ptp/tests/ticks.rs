//! What a PTP clock ticks while its master goes, moves and comes again: every number once, on the instant that it slews to.

use std::sync::Arc;

use super::super::Profile;
use super::super::network::{Network, SECOND};
use super::super::overlay::MOST_SLEW;
use super::super::timeline::PtpTimeline;
use crate::clock::pace::Pace;
use crate::clock::{ClockState, Timeline};
use crate::time::{Rate, Timestamp};

/// How exactly simulated time passes, and by how much a tick is late at most.
const STEP: i64 = 1_000_000;

/// A ticker that nothing holds up.
struct Ticks {
    pace: Pace,
    timeline: PtpTimeline,
    /// The number of each, and the instant for which it was set.
    seen: Vec<(u64, Timestamp)>,
}

impl Ticks {
    /// Lets so much time pass on the network, and takes every tick on the way as a `Ticker` does.
    fn run(&mut self, network: &mut Network, nanos: i64) {
        let end = network.now + nanos;
        while network.now < end {
            network.run(STEP);
            let now = Timestamp::from_nanos(network.now as u64);
            while let Some(due) = self.pace.due(&self.timeline, now)
                && due <= now
            {
                let number = self.pace.tick(&self.timeline, now);
                let there = self.timeline.time(due).as_nanos();
                let apart = there.abs_diff(self.timeline.timestamp(number).as_nanos());
                assert!(apart <= 1, "{number} was due {apart} ns off its own time");
                self.seen.push((number, due));
            }
        }
    }
}

#[test]
fn without_its_master_no_tick_is_lost_and_none_jumps() {
    for moved in [0, 2_000_000, -2_000_000] {
        let mut network = Network::new(Profile::St2059, 8);
        network.run(SECOND * 30);
        let rate = Rate::fps(59.94);
        let mut ticks = Ticks {
            pace: Pace::default(),
            timeline: PtpTimeline {
                rate,
                follower: Arc::clone(&network.follower),
                locks_within: Default::default(),
            },
            seen: Vec::new(),
        };
        ticks.run(&mut network, SECOND * 2);
        network.silent = true;
        ticks.run(&mut network, SECOND * 60);
        assert_eq!(network.state(), ClockState::Holdover);
        // It comes again, and not with the time that it had.
        network.step_master(moved);
        network.silent = false;
        ticks.run(&mut network, SECOND * 20);
        assert_eq!(network.state(), ClockState::Locked);
        assert!(network.error().abs() < 5_000, "{} ns", network.error());

        let period = rate.period().as_nanos() as f64;
        // Our oscillator, what it is off by, and a steer between two looks at when a tick is due.
        let bound = (MOST_SLEW + 150e-6) * (period + 2.0 * STEP as f64);
        for pair in ticks.seen.windows(2) {
            let [(before, was_due), (after, is_due)] = [pair[0], pair[1]];
            assert_eq!(after, before + 1, "no number comes twice, none is left out");
            let off = (is_due - was_due).as_nanos() as f64 - period;
            assert!(off.abs() <= bound, "{before}: the next is {off} ns off");
        }
        let now = Timestamp::from_nanos(network.now as u64);
        let last = ticks.seen.last().map(|&(number, _)| number);
        assert_eq!(last, ticks.timeline.newest(now));
        assert_eq!(ticks.pace.steps(), 0);
        assert!((4_910..=4_920).contains(&ticks.seen.len()));
    }
}
