//! How far off it measures itself, and is, beside what linuxptp's slave measures with the same packets.

use std::collections::VecDeque;

use proptest::prelude::*;

use crate::clock::ClockState;
use crate::clock::ptp::Profile;
use crate::clock::ptp::estimate::Direction;
use crate::clock::ptp::network::{Network, SECOND, Trip};

/// What ptp4l prints as `master offset` where its clock is the master's own, sync by sync: how long the sync took, less the
/// median of the last ten path delays, each of a request and the sync before it (its `delay_filter`, as it is if nobody
/// sets it). So it is the noise of the packets, and nothing else.
fn ptp4l(trips: &[Trip]) -> Vec<(i64, f64)> {
    let mut offsets = Vec::new();
    let mut delays = VecDeque::new();
    let mut sync = None;
    for trip in trips {
        let way = trip.way as f64;
        match (trip.direction, sync) {
            (Direction::ToMaster, Some(sync)) => {
                delays.truncate(9);
                delays.push_front(f64::midpoint(sync, way));
            }
            (Direction::FromMaster, _) => {
                sync = Some(way);
                let mut sorted = Vec::from(delays.clone());
                sorted.sort_by(f64::total_cmp);
                let middle = sorted.len() / 2;
                if sorted.len() == 10 {
                    let delay = f64::midpoint(sorted[middle - 1], sorted[middle]);
                    offsets.push((trip.at, way - delay));
                }
            }
            _ => {}
        }
    }
    offsets
}

fn rms(values: &[f64]) -> f64 {
    let squares: f64 = values.iter().map(|value| value * value).sum();
    (squares / values.len() as f64).sqrt()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A clock that followed the noise would measure the noise and its own hurry, and be off by it besides.
    #[test]
    fn measures_no_more_than_ptp4l_and_is_off_by_far_less(
        seed: u64,
        jitter in 500i64..100_000,
        stragglers in prop_oneof![Just(0), 1i64..15],
        late in 2i64..40,
    ) {
        let mut network = Network::new(Profile::St2059, seed);
        network.jitter = jitter;
        network.stragglers = stragglers;
        network.late = late * jitter;
        network.run(SECOND * 30);
        prop_assert_eq!(network.state(), ClockState::Locked);
        let begin = network.now;
        let mut errors = Vec::new();
        while network.now < begin + 10 * SECOND {
            network.run(SECOND / 50);
            errors.push(network.error() as f64);
        }
        let recent = network.follower.with_servo(|servo| servo.offsets().rms_and_most(network.now));
        let (measured, _) = recent.expect("it hears its master");
        let theirs = ptp4l(&network.trips);
        let theirs = theirs.into_iter().filter(|(at, _)| *at >= begin);
        let theirs = rms(&theirs.map(|(_, offset)| offset).collect::<Vec<_>>());
        let off = rms(&errors);
        // A tenth more by chance, once in hundreds.
        prop_assert!(measured <= 1.2 * theirs, "measured {measured:.0} ns, ptp4l {theirs:.0} ns");
        prop_assert!(off <= 0.5 * theirs, "off {off:.0} ns, ptp4l {theirs:.0} ns");
    }
}
