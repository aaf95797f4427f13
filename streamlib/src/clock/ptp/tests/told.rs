//! What is told of a clock: its state as it changes, and its status in words.

use crate::clock::ClockState::{Acquiring, Holdover, Locked, Lost};
use crate::clock::Timeline;
use crate::clock::ptp::network::{ELSEWHERE, MASTER, Network, SECOND, announce};
use crate::clock::ptp::timeline::PtpTimeline;
use crate::clock::ptp::{PortState, Profile, local};
use crate::time::Rate;

/// The status in words, with `#` for every number that depends on the noise.
fn words(network: &Network) -> String {
    let status = network.follower.status_at(network.now);
    let text = status.summary().to_string();
    let mut told = String::new();
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        // The number, with the word and the points around it.
        let is_noise = words.peek().is_some_and(|next| next.starts_with("ns"))
            || word.ends_with(',') && told.ends_with("(rms ")
            || told.ends_with("most ");
        let digits = word.trim_matches(|c: char| !c.is_ascii_digit() && c != '-');
        let word = if is_noise {
            word.replace(digits, "#")
        } else {
            word.to_owned()
        };
        told.push_str(&word);
        told.push(' ');
    }
    told.trim_end().to_owned()
}

#[test]
fn the_status_says_in_words_what_is_known() {
    let mut network = Network::new(Profile::St2059, 30);
    assert_eq!(
        words(&network),
        "acquiring: no master is heard, port listening, software timestamps"
    );
    network.run(SECOND / 2);
    assert_eq!(
        words(&network),
        "acquiring: grandmaster 001122.fffe.334455, 1 step removed, port uncalibrated, software timestamps"
    );
    network.run(SECOND * 10);
    assert_eq!(
        words(&network),
        "locked: grandmaster 001122.fffe.334455, offset # ns (rms #, most # in 10 s), path delay # ns, 1 step removed, \
         UTC +37 s, a leap second at midnight, port slave, software timestamps"
    );
    network.hear_from(ELSEWHERE, &announce(9, MASTER), network.now);
    assert!(words(&network).ends_with(
        "software timestamps, 10.0.0.66 says that it is 001122.fffe.334455, which is at another address, and is refused"
    ));
    network.silent = true;
    network.run(SECOND * 20);
    let told = words(&network);
    let (before, silence) = told.split_once(", nothing heard for ").expect(&told);
    let (silence, after) = silence.split_once(" s, ").expect(&told);
    assert_eq!(
        (before, after),
        (
            "holdover: grandmaster 001122.fffe.334455, offset # ns, path delay # ns, 1 step removed",
            "UTC +37 s, a leap second at midnight, port listening, software timestamps"
        )
    );
    let silence: f64 = silence.parse().expect("a number");
    assert!((19.8..20.2).contains(&silence), "{silence}");
    network
        .follower
        .learn(|facts| facts.fault = Some("nothing can be sent: it is down".to_owned()));
    assert!(
        words(&network)
            .ends_with("port faulty, software timestamps, nothing can be sent: it is down")
    );
    network.follower.learn(|facts| facts.unstamped = true);
    assert!(words(&network).contains("the path delay can't be measured"));
}

#[test]
fn every_change_of_state_is_told_once_also_of_a_clock_that_hears_nothing() {
    let mut network = Network::new(Profile::St2059, 31);
    network.run(SECOND * 30);
    assert_eq!(network.told, [Locked]);
    network.silent = true;
    network.run(SECOND * 2);
    assert_eq!(network.told, [Locked, Holdover]);
    network.run(SECOND * 600);
    assert_eq!(network.told, [Locked, Holdover, Lost]);
    network.silent = false;
    network.run(SECOND * 10);
    assert_eq!(network.told[3..], [Locked]);
    assert_eq!(
        network.follower.status_at(network.now).port,
        PortState::Slave
    );
    assert_eq!(Network::new(Profile::St2059, 31).state(), Acquiring);
}

#[test]
fn the_timelines_state_is_that_of_its_status() {
    let network = Network::new(Profile::St2059, 32);
    let timeline = PtpTimeline {
        rate: Rate::fps(50),
        follower: network.follower.clone(),
        locks_within: Default::default(),
    };
    assert_eq!(timeline.state(), Acquiring);
    let mut network = network;
    network.run(SECOND * 5);
    let now = local::now();
    let expected = network.follower.with_servo(|servo| servo.state(now));
    assert_eq!(timeline.state(), expected);
    assert_eq!(timeline.status().state, expected);
}
