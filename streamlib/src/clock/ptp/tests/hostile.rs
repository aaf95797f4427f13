//! What anybody may send: it never panics, and moves the clock by no more than it may be moved.

use proptest::prelude::*;

use crate::clock::ClockState;
use crate::clock::ptp::Profile;
use crate::clock::ptp::network::{
    DOMAIN, ELSEWHERE, MASTER, Network, Random, SECOND, US, announce, message, valid,
};
use crate::clock::ptp::packet::{Gate, Refusal};
use crate::clock::ptp::status::ClockIdentity;

const GATE: Gate = Gate {
    domain: DOMAIN,
    identity: US,
    masters: None,
};

#[test]
fn refuses_what_is_not_for_us() {
    let good = message(0x8, 7, MASTER, 0, 1_790_000_000 * SECOND);
    let changed = |place: usize, byte: u8| {
        let mut packet = good.clone();
        packet[place] = byte;
        GATE.admit(&packet)
            .map(|admitted| admitted.bytes().to_vec())
    };
    assert_eq!(changed(33, 0).unwrap().len(), 44);
    assert_eq!(changed(1, 1), Err(Refusal::Version));
    assert_eq!(changed(4, 0), Err(Refusal::Domain));
    assert_eq!(changed(0, 0x18), Err(Refusal::Domain));
    assert_eq!(changed(0, 0x0d), Err(Refusal::Kind));
    assert_eq!(changed(6, 1), Err(Refusal::Kind));
    assert_eq!(changed(3, 45), Err(Refusal::Length));
    assert_eq!(changed(3, 43), Err(Refusal::Length));
    assert_eq!(changed(8, 0x7f), Err(Refusal::Time));
    assert_eq!(changed(8, 0x80), Err(Refusal::Time));
    assert_eq!(changed(34, 1), Err(Refusal::Time));
    assert_eq!(changed(40, 0xff), Err(Refusal::Time));
    let own = message(0x0, 7, US, 2, 0);
    assert_eq!(GATE.admit(&own).err(), Some(Refusal::Own));
    let mut far = announce(7, MASTER);
    far[61..63].copy_from_slice(&[0xff, 0xff]);
    assert_eq!(GATE.admit(&far).err(), Some(Refusal::Steps));
    let mut ours = announce(7, MASTER);
    ours[53..61].copy_from_slice(&US);
    assert_eq!(GATE.admit(&ours).err(), Some(Refusal::Own));
}

#[test]
fn lets_in_no_master_that_was_not_named() {
    let named = |masters: &[[u8; 8]]| Gate {
        masters: Some(masters.iter().copied().map(ClockIdentity).collect()),
        ..GATE
    };
    let (one, both) = (named(&[[7; 8]]), named(&[[7; 8], MASTER]));
    for packet in valid(MASTER, 7, 1_790_000_000 * SECOND) {
        let before = GATE.admit(&packet).err();
        assert_eq!(both.admit(&packet).err(), before);
        assert_eq!(one.admit(&packet).err(), before.or(Some(Refusal::Master)));
    }
}

/// A locked clock.
fn locked(seed: u64) -> Network {
    let mut network = Network::new(Profile::St2059, seed);
    network.run(SECOND * 4);
    assert_eq!(network.state(), ClockState::Locked);
    network
}

/// The master's own messages, with bits flipped, bytes replaced, ends cut off and times that lie, for as long as
/// it takes: `run` checks at every millisecond that the clock goes on, no faster or slower than it may slew.
fn mutated(seed: u64) {
    let mut network = locked(seed);
    let mut random = Random(seed);
    for round in 0..200u16 {
        let lie = i64::from(random.next() as i32) << (random.next() % 30);
        let time = network.master(network.now).saturating_add(lie);
        let messages = valid(MASTER, round, time.clamp(0, 1 << 62));
        let mut packet = messages[random.next() as usize % messages.len()].clone();
        for _ in 0..random.next() % 6 {
            let place = random.next() as usize % packet.len();
            match random.next() % 3 {
                0 => packet[place] ^= 1 << (random.next() % 8),
                1 => packet[place] = random.next() as u8,
                _ => packet.truncate(place.max(1)),
            }
        }
        let at = network.now - (random.next() % 3_000_000) as i64;
        network.hear(&packet, at);
        network.run(1_000_000 * (random.next() % 5) as i64);
    }
    network.silent = true;
    network.run(SECOND);
}

#[test]
fn a_master_that_comes_first_for_a_moment_leaves_no_master_behind() {
    // A mutated sender takes over, and goes; then the master has fewer announcements left than were heard.
    mutated(7_751_504_775_860_199_011);
}

/// What is said of a clock after some seconds in which `more` is heard as well, and of its twin that has heard nothing
/// but its master.
fn beside_its_twin(seed: u64, mut more: impl FnMut(&mut Network)) -> [(Vec<i64>, ClockState); 2] {
    let (mut one, mut twin) = (locked(seed), locked(seed));
    for _ in 0..40 {
        more(&mut one);
        for network in [&mut one, &mut twin] {
            network.run(SECOND / 10);
        }
    }
    [one, twin].map(|network| (network.says(), network.state()))
}

#[test]
fn the_masters_name_from_another_address_is_nobodys() {
    let (mut refused, mut notes, mut sequence) = (0, String::new(), 0);
    let [clock, twin] = beside_its_twin(11, |network| {
        let time = network.master(network.now) + SECOND / 2;
        // As the master would say it: only the address gives it away.
        for _ in 0..4 {
            sequence += 1;
            for packet in valid(MASTER, sequence, time) {
                network.hear_from(ELSEWHERE, &packet, network.now);
            }
        }
        let status = network.follower.status_at(network.now);
        (refused, notes) = (status.refused, status.notes.concat());
    });
    assert_eq!(clock, twin);
    assert!(refused >= 40 * 4 * 5, "{refused}");
    let told = "10.0.0.66 says that it is 001122.fffe.334455";
    assert!(notes.contains(told), "{notes}");
}

#[test]
fn a_master_that_has_moved_to_another_address_is_heard_when_it_is_gone_from_the_first() {
    let mut network = locked(12);
    network.run(SECOND * 4);
    network.there = ELSEWHERE;
    network.run(SECOND / 2);
    assert!(network.follower.status_at(network.now).refused > 0);
    network.run(SECOND * 5);
    assert_eq!(network.state(), ClockState::Locked);
    assert!(network.followed().is_some());
}

#[test]
fn who_was_not_heard_before_it_announced_itself_is_not_heard_by_its_name() {
    // No announcement: an address is not known yet, and no sync counts.
    let [clock, twin] = beside_its_twin(13, |network| {
        let time = network.master(network.now) + SECOND / 2;
        network.hear_from(ELSEWHERE, &message(0, 1, [9; 8], 0, time), network.now);
    });
    assert_eq!(clock, twin);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Bytes of no meaning, in every length.
    #[test]
    fn garbage_changes_nothing(seed: u64, packets in prop::collection::vec(
        prop::collection::vec(any::<u8>(), 0..120), 1..64,
    )) {
        let mut network = locked(seed);
        let before = network.says();
        for mut packet in packets {
            network.hear(&packet, network.now);
            // The same, with a header that gets further.
            if packet.len() > 5 {
                let head = [packet[0] & 0xf, 2, 0, packet[3] % 100, DOMAIN, 0];
                packet[..6].copy_from_slice(&head);
                network.hear(&packet, network.now);
            }
        }
        prop_assert_eq!(network.says(), before);
    }

    /// Valid messages of another domain, version, standard or sender.
    #[test]
    fn others_change_nothing(seed: u64, which in 0usize..4, value: u8, sequence: u16, off: i64) {
        let mut network = locked(seed);
        let before = network.says();
        let time = network.master(network.now).saturating_add(off % (1 << 61)).max(0);
        let other = if which == 3 { [value, 1, 1, 1, 1, 1, 1, 1] } else { MASTER };
        for mut packet in valid(other, sequence, time) {
            match which {
                0 if value != DOMAIN => packet[4] = value,
                1 if value & 0xf != 2 => packet[1] = value,
                2 if value & 0xf0 != 0 => packet[0] |= value & 0xf0,
                3 => {}
                _ => continue,
            }
            network.hear(&packet, network.now);
        }
        prop_assert_eq!(network.says(), before);
    }

    #[test]
    fn mutated_messages_of_the_master_move_it_by_a_slew_at_most(seed: u64) {
        mutated(seed);
    }
}
