//! Whatever comes over the network: the clock goes on, no faster or slower than it may slew, and by nobody's word but its
//! master's.

use super::Profile;
use super::network::{ELSEWHERE, MASTER, Network, SECOND, US, valid};
use super::unicast::{Negotiation, answer};
use crate::clock::ClockState;
use crate::clock::fuzzing::Choices;

/// A clock that is locked hears what `data` says, among the messages of its master.
///
/// # Panics
/// When the clock's time stops, goes back, or goes on faster or slower than it may; or is changed by what is not its
/// master's.
pub fn packets(data: &[u8]) {
    let mut network = Network::new(Profile::St2059, 1);
    network.run(4 * SECOND);
    assert_eq!(network.state(), ClockState::Locked);
    let mut choices = Choices(data);
    while hear(&mut network, &mut choices).is_some() {}
    // And what it holds now is a time like any other.
    network.run(SECOND / 10);
    assert!(network.time().is_some());
}

/// Lets the next thing happen; `None` when there is nothing left.
fn hear(network: &mut Network, choices: &mut Choices<'_>) -> Option<()> {
    let what = choices.byte()?;
    match what % 4 {
        // Any bytes, from where the master is or not.
        0 => {
            let packet = choices.bytes()?;
            let from = if what & 4 == 0 {
                network.there
            } else {
                ELSEWHERE
            };
            network.hear_from(from, &packet, network.now);
        }
        // A message as a master would send it, at a time that is its own, with bytes replaced.
        1 => {
            let (kind, sequence, changes) = (choices.byte()?, choices.byte()?, choices.byte()?);
            let time = network
                .master(network.now)
                .saturating_add(choices.number()?);
            let from = if what & 4 == 0 { MASTER } else { [what; 8] };
            let messages = valid(from, sequence.into(), time.clamp(0, 1 << 62));
            let mut packet = messages[usize::from(kind) % messages.len()].clone();
            for _ in 0..changes % 8 {
                let place = usize::from(choices.byte()?) % packet.len();
                packet[place] = choices.byte()?;
            }
            packet.truncate(packet.len() - usize::from(changes >> 7));
            let at = network.now - i64::from(sequence) * 10_000;
            let from = if what & 8 == 0 {
                network.there
            } else {
                ELSEWHERE
            };
            network.hear_from(from, &packet, at);
        }
        2 => network.run(1_000_000 * i64::from(choices.byte()? % 32)),
        _ => {
            network.silent = what & 4 != 0;
            network.jitter = 1_000 << (what >> 4);
        }
    }
    Some(())
}

/// A clock that has asked a master for its messages hears the answers that `data` is.
///
/// # Panics
/// When it never asks again, or too often.
pub fn answers(data: &[u8]) {
    let mut negotiation = Negotiation::new(US, 127, Profile::St2059);
    let (mut choices, mut now) = (Choices(data), 0);
    while let (Some(what), Some(list)) = (choices.byte(), choices.bytes()) {
        // Lists of TLVs in a message to us, or any bytes for one.
        let message = if what & 1 == 0 {
            answer(US, &list)
        } else {
            list
        };
        let before = negotiation.asks_at();
        negotiation.read(&message, now);
        negotiation.is_sound(before, now);
        now += i64::from(what) * SECOND / 16;
        let _ = negotiation.ask(now);
        assert!(negotiation.next() > now);
    }
}
