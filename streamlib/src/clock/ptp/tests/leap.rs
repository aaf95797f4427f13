//! Leap seconds on a clock that runs: each is counted once, whenever its master changes its words.

use std::time::Duration;

use crate::clock::ClockState;
use crate::clock::ptp::network::{Network, SECOND};
use crate::clock::ptp::{Leap, Profile};
use crate::time::Timestamp;

/// 2017-01-01T00:00:00 UTC, as Unix counts.
const MIDNIGHT: i64 = 1_483_228_800 * SECOND;
/// The end of a day that ends no month, which has no leap second but where a grandmaster says so.
const ODD_MIDNIGHT: i64 = MIDNIGHT + 4 * 86_400 * SECOND;
/// TAI − UTC before it.
const BEFORE: i16 = 36;
const STEP: i64 = 10_000_000;

/// A clock whose master is so long before a midnight (of a day without a leap second).
fn before(midnight: i64, nanos: i64) -> Network {
    let mut network = Network::new(Profile::St2059, 20);
    let there = midnight + i64::from(BEFORE) * SECOND - nanos;
    network.step_master(there - network.master(network.now));
    network
}

/// Runs the clock for so long, and compares the UTC that it tells at every step with what it is, from the first time on
/// that it tells it. `words` is what the master says so many nanoseconds after midnight. Gives for how many steps there was
/// a leap second.
fn tells_utc(
    network: &mut Network,
    (midnight, leap): (i64, Leap),
    nanos: i64,
    words: impl Fn(i64) -> (i16, Leap),
) -> usize {
    let mut leap_seconds = 0;
    let end = network.now + nanos;
    while network.now < end {
        let after = |time: i64| time - midnight - i64::from(BEFORE) * SECOND;
        network.utc = words(after(network.master(network.now)));
        network.run(STEP);
        let (Some(time), Some(offset)) = (network.time(), network.follower.facts().utc) else {
            continue;
        };
        let utc = offset.utc(Timestamp::from_nanos(time as u64));
        let passed = after(time);
        let (plain, is_leap) = match leap {
            Leap::None => (passed, false),
            Leap::Insert if passed < 0 => (passed, false),
            Leap::Insert => (passed - SECOND, passed < SECOND),
            Leap::Delete if passed < -SECOND => (passed, false),
            Leap::Delete => (passed + SECOND, false),
        };
        let expected = Duration::from_nanos((midnight + plain) as u64);
        assert_eq!(
            (utc.since_unix_epoch, utc.leap_second),
            (expected, is_leap),
            "{passed} ns after midnight, {offset:?}"
        );
        leap_seconds += usize::from(is_leap);
    }
    assert_eq!(network.state(), ClockState::Locked);
    leap_seconds
}

fn after(leap: Leap) -> i16 {
    match leap {
        Leap::None => BEFORE,
        Leap::Insert => BEFORE + 1,
        Leap::Delete => BEFORE - 1,
    }
}

#[test]
fn a_leap_second_is_one_second_whenever_the_master_changes_its_words() {
    for midnight in [MIDNIGHT, ODD_MIDNIGHT] {
        for leap in [Leap::Insert, Leap::Delete, Leap::None] {
            // Two announcements early, at once, in the second, late, or not for a long time.
            for changes in [-SECOND / 2, 0, SECOND / 2, SECOND, 8 * SECOND, 60 * SECOND] {
                let mut network = before(midnight, 8 * SECOND);
                let words = |passed| match passed < changes {
                    true => (BEFORE, leap),
                    false => (after(leap), Leap::None),
                };
                let seconds = tells_utc(&mut network, (midnight, leap), 24 * SECOND, words);
                let expected = if leap == Leap::Insert {
                    SECOND / STEP
                } else {
                    0
                };
                assert_eq!(
                    seconds as i64, expected,
                    "{leap:?}, {changes} ns after midnight"
                );
            }
        }
    }
}

#[test]
fn words_that_change_one_by_one_make_no_other_second() {
    for leap in [Leap::Insert, Leap::Delete] {
        for half in [(after(leap), leap), (BEFORE, Leap::None)] {
            let mut network = before(MIDNIGHT, 8 * SECOND);
            let words = |passed| match passed {
                ..0 => (BEFORE, leap),
                0..SECOND => half,
                _ => (after(leap), Leap::None),
            };
            tells_utc(&mut network, (MIDNIGHT, leap), 24 * SECOND, words);
        }
    }
}

#[test]
fn a_clock_that_begins_to_listen_in_the_leap_second_knows_it() {
    for leap in [Leap::Insert, Leap::Delete] {
        // It takes two seconds to lock, more or less.
        for early in [
            3 * SECOND,
            2 * SECOND,
            3 * SECOND / 2,
            SECOND,
            SECOND / 2,
            0,
        ] {
            let mut network = before(MIDNIGHT, early);
            let words = |passed| match passed < 4 * SECOND {
                true => (BEFORE, leap),
                false => (after(leap), Leap::None),
            };
            tells_utc(&mut network, (MIDNIGHT, leap), 20 * SECOND, words);
        }
    }
}

#[test]
fn holds_on_through_a_leap_second() {
    let mut network = before(MIDNIGHT, 8 * SECOND);
    network.utc = (BEFORE, Leap::Insert);
    network.run(4 * SECOND);
    network.silent = true;
    network.run(6 * SECOND);
    assert_eq!(network.state(), ClockState::Holdover);
    let time = Timestamp::from_nanos(network.time().expect("it has locked") as u64);
    let utc = network.follower.facts().utc.expect("it was said").utc(time);
    assert!(utc.since_unix_epoch < Duration::from_nanos((MIDNIGHT + 2 * SECOND) as u64));
    assert!(utc.since_unix_epoch >= Duration::from_nanos((MIDNIGHT + SECOND / 2) as u64));
}
