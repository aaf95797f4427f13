//! Asking a master for its messages by unicast (IEEE 1588-2019, 16.1).

use super::profile::Profile;

const REQUEST: u16 = 4;
const GRANT: u16 = 5;
const CANCEL: u16 = 6;
/// For how long it asks, in seconds; it asks again after half of it.
const DURATION: u32 = 300;
/// How long it waits for an answer before it asks again.
const ANSWER_NANOS: i64 = 1_000_000_000;
const SECOND_NANOS: i64 = 1_000_000_000;

/// The kinds of message that are asked for, by their numbers.
const KINDS: [u8; 3] = [0xb, 0x0, 0x9];

/// What a master was asked for and has granted.
#[derive(Debug)]
pub(super) struct Negotiation {
    identity: [u8; 8],
    domain: u8,
    intervals: [i8; 3],
    /// When each kind is asked for next.
    ask_at: [i64; 3],
    denied: bool,
    sequence: u16,
}

impl Negotiation {
    pub(super) fn new(identity: [u8; 8], domain: u8, profile: Profile) -> Self {
        Self {
            identity,
            domain,
            intervals: [
                profile.log_announce(),
                profile.log_sync(),
                profile.log_delay_request(),
            ],
            ask_at: [0; 3],
            denied: false,
            sequence: 0,
        }
    }

    /// When there is something to ask for.
    pub(super) fn next(&self) -> i64 {
        self.ask_at.into_iter().min().unwrap_or(i64::MAX)
    }

    /// Whether the master's last answer was no.
    pub(super) fn denied(&self) -> bool {
        self.denied
    }

    /// The message that asks for what is not granted, if it is time.
    pub(super) fn ask(&mut self, now: i64) -> Option<Vec<u8>> {
        if now < self.next() {
            return None;
        }
        let mut message = vec![0xc, 0x12, 0, 0, self.domain, 0, UNICAST, 0];
        message.extend([0; 12]);
        message.extend(self.identity);
        message.extend([0, 1]);
        message.extend(self.sequence.to_be_bytes());
        message.extend([5, 0x7f]);
        // To any port of the master.
        message.extend([0xff; 10]);
        for (place, kind) in KINDS.into_iter().enumerate() {
            if self.ask_at[place] <= now {
                self.ask_at[place] = now + ANSWER_NANOS;
                message.extend(REQUEST.to_be_bytes());
                message.extend([0, 6, kind << 4, self.intervals[place] as u8]);
                message.extend(DURATION.to_be_bytes());
            }
        }
        let length = message.len() as u16;
        message[2..4].copy_from_slice(&length.to_be_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        Some(message)
    }

    /// Reads a signaling message, which the gate has let in, in its whole length.
    pub(super) fn read(&mut self, message: &[u8], now: i64) {
        let said = message.get(2..4).map_or(0, |at| usize::from(word(at)));
        let target = message.get(34..42).unwrap_or_default();
        if target != self.identity && target != [0xff; 8] {
            return;
        }
        let mut rest = message.get(44..said).unwrap_or_default();
        while let Some((head, tail)) = rest.split_at_checked(4) {
            let Some((value, tail)) = tail.split_at_checked(usize::from(word(&head[2..]))) else {
                return;
            };
            rest = tail;
            self.answer(word(head), value, now);
        }
    }

    fn answer(&mut self, what: u16, value: &[u8], now: i64) {
        let kind = value.first().map(|kind| kind >> 4);
        let Some(place) = KINDS.into_iter().position(|known| Some(known) == kind) else {
            return;
        };
        match (what, value) {
            (GRANT, [_, _, duration @ .., _, _]) if duration.len() == 4 => {
                let duration = duration
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | u32::from(*byte));
                self.denied = duration == 0;
                let again = match duration {
                    0 => 5 * SECOND_NANOS,
                    // At most what was asked for, at least a second: a hostile answer changes no more.
                    granted => i64::from(granted.min(DURATION)) * SECOND_NANOS / 2,
                };
                self.ask_at[place] = now.saturating_add(again.max(SECOND_NANOS));
            }
            (CANCEL, _) => self.ask_at[place] = now + ANSWER_NANOS,
            _ => {}
        }
    }
}

const UNICAST: u8 = 4;

fn word(bytes: &[u8]) -> u16 {
    bytes
        .first_chunk()
        .map_or(0, |bytes| u16::from_be_bytes(*bytes))
}

/// A master's answer, which nobody may rely on: for the fuzzer and the tests.
#[cfg(any(test, fuzzing))]
pub(super) fn answer(to: [u8; 8], tlvs: &[u8]) -> Vec<u8> {
    let mut message = vec![0xc, 2, 0, 0, 127, 0, 4, 0];
    message.extend([0; 12]);
    message.extend([1; 10]);
    message.extend([0; 4]);
    message.extend(to);
    message.extend([0, 1]);
    message.extend(tlvs);
    let length = message.len() as u16;
    message[2..4].copy_from_slice(&length.to_be_bytes());
    message
}

#[cfg(any(test, fuzzing))]
impl Negotiation {
    /// Whatever was answered, each kind is asked for again: within half of what was asked for, and not in a flood.
    ///
    /// # Panics
    /// When that is not so.
    pub(super) fn is_sound(&self, before: [i64; 3], now: i64) {
        for (at, before) in self.ask_at.into_iter().zip(before) {
            let soon = now + SECOND_NANOS;
            let late = now + i64::from(DURATION) * SECOND_NANOS / 2;
            assert!(at == before || (soon..=late).contains(&at), "{at} at {now}");
        }
    }

    /// When each kind is asked for next.
    pub(super) fn asks_at(&self) -> [i64; 3] {
        self.ask_at
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const US: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

    fn grant(kind: u8, duration: u32) -> Vec<u8> {
        let mut tlv = vec![0, 5, 0, 8, kind << 4, 0];
        tlv.extend(duration.to_be_bytes());
        tlv.extend([0, 1]);
        answer(US, &tlv)
    }

    #[test]
    fn asks_for_three_kinds_and_again_before_the_grants_end() {
        let mut negotiation = Negotiation::new(US, 127, Profile::St2059);
        let asked = negotiation.ask(0).unwrap();
        assert_eq!(asked.len(), 44 + 3 * 10);
        assert_eq!(usize::from(word(&asked[2..])), asked.len());
        assert_eq!(&asked[44..54], [0, 4, 0, 6, 0xb0, 0xfe, 0, 0, 1, 44]);
        assert!(negotiation.ask(1).is_none());
        for kind in KINDS {
            negotiation.read(&grant(kind, 300), 10);
        }
        assert_eq!(negotiation.next(), 10 + 150 * SECOND_NANOS);
        assert!(!negotiation.denied());
    }

    #[test]
    fn a_denial_is_told_and_nonsense_is_not_heard() {
        let mut negotiation = Negotiation::new(US, 127, Profile::St2059);
        negotiation.ask(0).unwrap();
        negotiation.read(&grant(0xb, 0), 0);
        assert!(negotiation.denied());
        assert_eq!(negotiation.next(), ANSWER_NANOS);
        let whole = grant(0x0, u32::MAX);
        for end in 0..whole.len() {
            negotiation.read(&whole[..end], 0);
        }
        assert_eq!(negotiation.next(), ANSWER_NANOS);
    }

    proptest! {
        /// Lists of TLVs whose lengths may lie, to us or to others, cut off anywhere.
        #[test]
        fn whatever_is_answered_it_asks_again_and_not_too_often(
            answers in prop::collection::vec((
                prop::collection::vec((0u16..8, 0u16..14, prop::collection::vec(any::<u8>(), 0..14)), 0..6),
                any::<bool>(),
                0usize..200,
                0i64..200_000_000_000,
            ), 1..40),
        ) {
            let mut negotiation = Negotiation::new(US, 127, Profile::St2059);
            let mut now = 0;
            for (tlvs, to_us, cut, passed) in answers {
                let mut list = Vec::new();
                for (what, length, value) in tlvs {
                    list.extend(what.to_be_bytes());
                    list.extend(length.to_be_bytes());
                    list.extend(value);
                }
                let mut message = answer(if to_us { US } else { [9; 8] }, &list);
                message.truncate(cut.max(34));
                let before = negotiation.asks_at();
                negotiation.read(&message, now);
                negotiation.is_sound(before, now);
                prop_assert!(to_us || negotiation.asks_at() == before);
                now += passed;
                let asked = negotiation.ask(now);
                prop_assert!(asked.is_none_or(|message| message.len() <= 44 + 3 * 10));
                prop_assert!(negotiation.next() > now);
            }
        }
    }
}
