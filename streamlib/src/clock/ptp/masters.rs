//! Which masters announce themselves: no more than there is room for, and none that is long silent.

use std::net::Ipv4Addr;

/// As many as statime keeps.
const ROOM: usize = 8;
/// For so many comparisons of masters an announcement counts (IEEE 1588-2019, 9.3.2.4.4).
const WINDOW: u8 = 4;
/// A master that has been heard so often in that time is one to follow (9.3.2.4.5).
const THRESHOLD: usize = 2;
const REMEMBERED: usize = 8;

/// The port that a message comes from: clock identity and port number.
pub(super) type Source = [u8; 10];

/// The announcements of the last comparisons, by master.
///
/// Statime keeps these too, but doesn't show them. A slave whose masters have all gone must be told so before
/// they are compared: version 0.4 would make it a master, and asserts that it doesn't.
#[derive(Debug, Default)]
pub(super) struct Masters(Vec<Master>);

#[derive(Debug)]
struct Master {
    source: Source,
    /// Where its announcements come from.
    address: Ipv4Addr,
    /// The announcements that are left, the oldest first.
    left: Vec<Announcement>,
    /// The sequence number of the newest that was heard.
    newest: u16,
}

#[derive(Debug)]
struct Announcement {
    sequence: u16,
    /// How many comparisons it has seen.
    age: u8,
}

impl Announcement {
    fn new(sequence: u16) -> Self {
        Self { sequence, age: 0 }
    }
}

impl Masters {
    /// Where a master announces itself from, if it does; who else has its name is another.
    pub(super) fn address(&self, source: Source) -> Option<Ipv4Addr> {
        let mut masters = self.0.iter();
        Some(masters.find(|master| master.source == source)?.address)
    }

    /// Takes an announcement in; false if it is older than one that is known, or if there is no room for
    /// another master.
    pub(super) fn heard(&mut self, source: Source, address: Ipv4Addr, sequence: u16) -> bool {
        let full = self.0.len() == ROOM;
        let known = self.0.iter_mut().find(|master| master.source == source);
        let Some(master) = known else {
            if !full {
                self.0.push(Master {
                    source,
                    address,
                    left: vec![Announcement::new(sequence)],
                    newest: sequence,
                });
            }
            return !full;
        };
        // Newer than any, and for statime than what it has left.
        let last = master.left.last().map(|last| last.sequence);
        let is_newer = |than: u16| sequence.wrapping_sub(than) < u16::MAX / 2;
        if !is_newer(master.newest) || !last.is_none_or(is_newer) {
            return false;
        }
        master.newest = sequence;
        if master.left.len() == REMEMBERED {
            master.left.remove(0);
        }
        master.left.push(Announcement::new(sequence));
        true
    }

    /// Whether a master announces itself often enough to be followed.
    pub(super) fn qualified(&self, source: Source) -> bool {
        self.0
            .iter()
            .any(|master| master.source == source && master.left.len() >= THRESHOLD)
    }

    /// The masters were compared, and `best` came first. Statime has then used up the newest announcement of every
    /// other that was qualified; what is left is older by one.
    pub(super) fn compared(&mut self, best: Option<Source>) {
        for master in &mut self.0 {
            if master.left.len() >= THRESHOLD && Some(master.source) != best {
                master.left.pop();
            }
            master.left.iter_mut().for_each(|left| left.age += 1);
            master.left.retain(|left| left.age < WINDOW);
        }
        self.0.retain(|master| !master.left.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;

    #[test]
    fn a_master_is_qualified_by_two_announcements_and_forgotten_after_four_comparisons() {
        let (one, mut masters) = ([1; 10], Masters::default());
        assert_eq!(masters.address(one), None);
        assert!(masters.heard(one, HERE, 7));
        assert_eq!(masters.address(one), Some(HERE));
        assert!(!masters.qualified(one));
        assert!(!masters.heard(one, HERE, 6));
        masters.compared(None);
        assert!(masters.heard(one, HERE, 7));
        for _ in 0..3 {
            assert!(masters.qualified(one));
            masters.compared(Some(one));
        }
        assert!(!masters.qualified(one));
        // There is room for eight, and again when one has gone.
        assert!((2..9).all(|other| masters.heard([other; 10], HERE, 0)));
        assert!(!masters.heard([9; 10], HERE, 0));
        masters.compared(None);
        assert_eq!(masters.address(one), None);
        assert!(masters.heard([9; 10], HERE, 0));
    }

    #[test]
    fn one_that_did_not_come_first_has_an_announcement_less() {
        let (one, two, mut masters) = ([1; 10], [2; 10], Masters::default());
        for sequence in 0..2 {
            assert!(masters.heard(one, HERE, sequence) && masters.heard(two, HERE, sequence));
        }
        masters.compared(Some(two));
        assert!(masters.qualified(two) && !masters.qualified(one));
        // Older ones are still refused.
        assert!(!masters.heard(one, HERE, 0) && masters.heard(one, HERE, 2));
        assert!(masters.qualified(one));
        // Statime counts from the last that it has left.
        let (far, mut masters) = ([3; 10], Masters::default());
        assert!(masters.heard(far, HERE, 0) && masters.heard(far, HERE, 30_000));
        masters.compared(None);
        assert!(!masters.heard(far, HERE, 60_000));
    }
}
