//! The packet path and the discipline together, on simulated time: a master, a network, and hostile packets.

mod hostile;
mod leap;
mod measured;
mod ticks;
mod told;

use super::network::{Network, SECOND};
use super::{Leap, Profile};
use crate::clock::ClockState;

#[test]
fn locks_to_the_nanoseconds_that_the_network_allows() {
    let mut network = Network::new(Profile::St2059, 1);
    network.run(SECOND * 3);
    assert_eq!(network.state(), ClockState::Locked);
    network.run(SECOND * 30);
    // Jitter is 5 µs each way, our oscillator 40 ppm off.
    assert!(network.error().abs() < 2_000, "{} ns", network.error());
    let status = network.follower.status();
    assert_eq!(status.steps_removed, Some(1));
    assert!(status.tai);
    let utc = status.utc.unwrap();
    assert_eq!((utc.seconds, utc.leap), (37, Leap::Insert));
}

#[test]
fn holds_on_without_its_master() {
    let mut network = Network::new(Profile::St2059, 2);
    network.run(SECOND * 30);
    network.silent = true;
    network.run(SECOND * 60);
    assert_eq!(network.state(), ClockState::Holdover);
    assert!(network.error().abs() < 20_000, "{} ns", network.error());
    network.silent = false;
    network.run(SECOND * 5);
    assert_eq!(network.state(), ClockState::Locked);
}

#[test]
fn a_master_that_moves_is_followed_by_slewing() {
    let mut network = Network::new(Profile::St2059, 3);
    network.run(SECOND * 10);
    network.step_master(-3_000_000);
    // `run` itself checks that the clock's time is never faster or slower than it may be.
    network.run(SECOND * 20);
    assert_eq!(network.state(), ClockState::Locked);
    assert!(network.error().abs() < 5_000, "{} ns", network.error());
}

#[test]
fn a_master_that_is_far_away_is_not_followed() {
    let mut network = Network::new(Profile::St2059, 4);
    network.run(SECOND * 10);
    network.step_master(3_600 * SECOND);
    network.run(SECOND * 20);
    assert_eq!(network.state(), ClockState::Lost);
    // Held, against where the master was.
    assert!((network.error() + 3_600 * SECOND).abs() < 100_000);
    let notes = network.follower.status().notes.concat();
    assert!(notes.contains("+3600.000 s away"), "{notes}");
}

#[test]
fn a_master_of_utc_that_puts_in_a_leap_second_is_followed_by_slewing() {
    for seed in 0..8 {
        let mut network = Network::new(Profile::St2059, 40 + seed);
        network.run(SECOND * 10);
        // Its time goes back by one second: whether that is too far is not left to the noise.
        network.step_master(-SECOND);
        network.run(SECOND * 40);
        assert_eq!(network.state(), ClockState::Acquiring);
        let left = network.error();
        assert!((970_000_000..990_000_000).contains(&left), "{left} ns");
        assert_eq!(network.follower.with_servo(|servo| servo.refused()), 0);
    }
}

#[test]
fn loss_and_great_jitter_cost_accuracy_and_no_lock() {
    let mut network = Network::new(Profile::St2059, 5);
    network.jitter = 500_000;
    network.loss = 0.3;
    network.run(SECOND * 60);
    assert_eq!(network.state(), ClockState::Locked);
    assert!(network.error().abs() < 200_000, "{} ns", network.error());
}

#[test]
fn stragglers_do_not_decide_the_first_lock() {
    for seed in 0..40 {
        let mut network = Network::new(Profile::St2059, 100 + seed);
        network.stragglers = 15;
        while network.time().is_none() {
            network.run(SECOND / 8);
            assert!(network.now < 60 * SECOND, "no lock");
        }
        let first = network.error().abs();
        network.run(SECOND * 10);
        let later = network.error().abs();
        assert!(
            first < 500_000 && later < 100_000,
            "{first} ns, then {later} ns"
        );
    }
}

#[test]
fn one_packet_that_lies_hardly_counts() {
    let mut network = Network::new(Profile::St2059, 6);
    network.run(SECOND * 30);
    let before = network.error();
    network.lie(900_000_000);
    network.run(SECOND * 2);
    assert!(
        (network.error() - before).abs() < 5_000,
        "{} ns",
        network.error()
    );
}

#[test]
fn the_default_profile_locks_too() {
    let mut network = Network::new(Profile::Default1588, 7);
    network.run(SECOND * 15);
    assert_eq!(network.state(), ClockState::Locked);
}
