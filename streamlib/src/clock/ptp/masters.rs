//! Which masters announce themselves: no more than there is room for, and none that is long silent.

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
    /// How many comparisons each announcement has seen, the oldest first.
    ages: Vec<u8>,
    /// The sequence number of the newest.
    newest: u16,
}

impl Masters {
    /// Takes an announcement in; false if it is older than one that is known, or if there is no room for
    /// another master.
    pub(super) fn heard(&mut self, source: Source, sequence: u16) -> bool {
        let full = self.0.len() == ROOM;
        let known = self.0.iter_mut().find(|master| master.source == source);
        let Some(master) = known else {
            if !full {
                self.0.push(Master {
                    source,
                    ages: vec![0],
                    newest: sequence,
                });
            }
            return !full;
        };
        if sequence.wrapping_sub(master.newest) >= u16::MAX / 2 {
            return false;
        }
        master.newest = sequence;
        if master.ages.len() == REMEMBERED {
            master.ages.remove(0);
        }
        master.ages.push(0);
        true
    }

    /// Whether a master announces itself often enough to be followed.
    pub(super) fn qualified(&self, source: Source) -> bool {
        self.0
            .iter()
            .any(|master| master.source == source && master.ages.len() >= THRESHOLD)
    }

    /// The masters were compared: what was heard is older by one.
    pub(super) fn compared(&mut self) {
        for master in &mut self.0 {
            master.ages.iter_mut().for_each(|age| *age += 1);
            master.ages.retain(|age| *age < WINDOW);
        }
        self.0.retain(|master| !master.ages.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_is_qualified_by_two_announcements_and_forgotten_after_four_comparisons() {
        let (one, mut masters) = ([1; 10], Masters::default());
        assert!(masters.heard(one, 7));
        assert!(!masters.qualified(one));
        assert!(!masters.heard(one, 6));
        masters.compared();
        assert!(masters.heard(one, 7));
        for _ in 0..3 {
            assert!(masters.qualified(one));
            masters.compared();
        }
        assert!(!masters.qualified(one));
        // There is room for eight, and again when one has gone.
        assert!((2..9).all(|other| masters.heard([other; 10], 0)));
        assert!(!masters.heard([9; 10], 0));
        masters.compared();
        assert!(masters.heard([9; 10], 0));
    }
}
