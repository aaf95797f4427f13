//! What a cell holds, in one 64-bit word: which slot, which item, and whether it was seen.

/// `sequence` (50 bits) · LEFT · NEW · `slot` (12 bits).
///
/// The sequence stands on top so that the difference of two words is the difference of their
/// sequences, also when it wraps (after 2^50 items: nine months at 50 million a second). Nothing
/// but order and counting hangs on it: which slot belongs to whom is told by the slot number alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Word(u64);

const SLOT_BITS: u32 = 12;
const SLOT: u64 = (1 << SLOT_BITS) - 1;
const NEW: u64 = 1 << SLOT_BITS;
const LEFT: u64 = 1 << (SLOT_BITS + 1);
const SEQUENCE_SHIFT: u32 = SLOT_BITS + 2;
const SEQUENCE: u64 = !(SLOT | NEW | LEFT);

/// The most slots a ring can have: one number below the largest, which [`Word::nothing`] may need.
pub(super) const MAX_SLOTS: usize = SLOT as usize;

impl Word {
    /// What [`Cell::leave`](super::place::Cell::leave) sets.
    pub(super) const LEFT_BIT: u64 = LEFT;

    /// The word before any item: sequence 0, seen, and a slot number that stands for no slot.
    pub(super) fn nothing(no_slot: usize) -> Self {
        Self(no_slot as u64)
    }

    #[inline(always)]
    pub(super) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    #[inline(always)]
    pub(super) fn bits(self) -> u64 {
        self.0
    }

    /// The word of the first item, in `slot`.
    pub(super) fn first_in(slot: usize) -> Self {
        Self(0).next_in(slot)
    }

    /// The word of the item after this one, in `slot`.
    #[inline(always)]
    pub(super) fn next_in(self, slot: usize) -> Self {
        Self(((self.0 & SEQUENCE).wrapping_add(1 << SEQUENCE_SHIFT)) | NEW | slot as u64)
    }

    /// The item so many items later: a sequence to compare with, in no particular slot.
    #[inline(always)]
    pub(super) fn plus(self, items: i64) -> Self {
        Self(self.0.wrapping_add((items as u64) << SEQUENCE_SHIFT))
    }

    /// The same word as counted by a reader that joined after `start`.
    #[inline(always)]
    pub(super) fn since(self, start: Start) -> Self {
        Self(self.0.wrapping_sub(start.0))
    }

    /// Where a reader's counting starts whose first item is this one, as its number 1.
    pub(super) fn start(self) -> Start {
        Start((self.0 & SEQUENCE).wrapping_sub(1 << SEQUENCE_SHIFT))
    }

    /// How many items later than `other` this one is; negative when it is older.
    #[inline(always)]
    pub(super) fn items_after(self, other: Self) -> i64 {
        let top = |word: Self| word.0 & SEQUENCE;
        (top(self).wrapping_sub(top(other)) as i64) >> SEQUENCE_SHIFT
    }

    #[inline(always)]
    pub(super) fn slot(self) -> usize {
        (self.0 & SLOT) as usize
    }

    /// Whether the writer put it here and no reader has taken it.
    #[inline(always)]
    pub(super) fn is_new(self) -> bool {
        self.0 & NEW != 0
    }

    /// Whether the reader of this cell is gone.
    #[inline(always)]
    pub(super) fn has_left(self) -> bool {
        self.0 & LEFT != 0
    }

    /// This word, whose flags are set too where `other`'s are; what else it says is lost.
    #[inline(always)]
    pub(super) fn with_flags_of(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The same word once its reader has it.
    #[inline(always)]
    pub(super) fn seen(self) -> Self {
        Self(self.0 & !(NEW | LEFT))
    }
}

/// What is taken from the writer's sequence so that a reader's first item is its number 1.
#[derive(Clone, Copy)]
pub(super) struct Start(u64);

impl Start {
    /// Of readers that were there from the beginning.
    pub(super) const BEGINNING: Self = Self(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_keeps_its_parts_apart() {
        let word = Word::nothing(MAX_SLOTS).plus(6).next_in(3);
        assert!(word.is_new() && !word.has_left());
        assert_eq!(word.slot(), 3);
        assert_eq!(word.items_after(Word::nothing(0)), 7);
        assert_eq!(word.seen(), Word::nothing(3).plus(7));
        assert!(!word.seen().is_new());
    }

    #[test]
    fn distances_survive_the_wrap() {
        let last = Word::nothing(1).plus(-2).next_in(2);
        let first = last.next_in(1).next_in(0).next_in(3);
        assert_eq!(first.items_after(Word::nothing(0)), 2);
        assert_eq!(first.items_after(last), 3);
        assert_eq!(last.items_after(first), -3);
    }

    #[test]
    fn a_late_reader_counts_from_one() {
        let word = Word::nothing(0).plus(999).next_in(5);
        assert_eq!(word.since(word.start()), Word::first_in(5));
    }
}
