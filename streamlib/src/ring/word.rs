//! What a cell holds, in one 64-bit word: a slot, whether it was seen, and for deep readers which item.

/// `sequence` (49 bits) · NOTHING · LEFT · NEW · `slot` (12 bits).
///
/// Which slot belongs to whom is told by the slot number alone. The sequence gives the order of the
/// items in the cells of one reader, and counts from 1; where there is one cell it is not needed, and 0.
/// It stands on top so that the difference of two words is that of their sequences, also when it wraps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Word(u64);

const SLOT_BITS: u32 = 12;
const SLOT: u64 = (1 << SLOT_BITS) - 1;
const NEW: u64 = 1 << SLOT_BITS;
const LEFT: u64 = 1 << (SLOT_BITS + 1);
const NOTHING: u64 = 1 << (SLOT_BITS + 2);
const SEQUENCE_SHIFT: u32 = SLOT_BITS + 3;
const SEQUENCE: u64 = !(SLOT | NEW | LEFT | NOTHING);

/// The most slots a ring can have.
pub(crate) const MAX_SLOTS: usize = 1 << SLOT_BITS;

impl Word {
    /// What [`Cell::leave`](super::place::Cell::leave) sets.
    pub(super) const LEFT_BIT: u64 = LEFT;

    /// The word before any item: no slot, sequence 0.
    pub(super) const NOTHING: Self = Self(NOTHING);

    /// The first item of a reader, in slot 0.
    pub(super) const FIRST: Self = Self((1 << SEQUENCE_SHIFT) | NEW);

    /// An item for a reader with one cell.
    #[inline(always)]
    pub(super) fn item_in(slot: usize) -> Self {
        Self(NEW | slot as u64)
    }

    /// This item of slot 0 in another slot.
    #[inline(always)]
    pub(super) fn moved_to(self, slot: usize) -> Self {
        Self(self.0 | slot as u64)
    }

    /// The item so many items later.
    #[inline(always)]
    pub(super) fn plus(self, items: i64) -> Self {
        Self(self.0.wrapping_add((items as u64) << SEQUENCE_SHIFT))
    }

    #[inline(always)]
    pub(super) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    #[inline(always)]
    pub(super) fn bits(self) -> u64 {
        self.0
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

    /// Whether both are of one slot, or both of none.
    #[inline(always)]
    pub(super) fn same_slot(self, other: Self) -> bool {
        (self.0 ^ other.0) & (SLOT | NOTHING) == 0
    }

    /// Whether the writer put it here and no reader has taken it.
    #[inline(always)]
    pub(super) fn is_new(self) -> bool {
        self.0 & NEW != 0
    }

    /// Whether this stands for no slot.
    #[inline(always)]
    pub(super) fn is_nothing(self) -> bool {
        self.0 & NOTHING != 0
    }

    /// Whether the slot is just a slot that came back: there is one, and the reader is there.
    #[inline(always)]
    pub(super) fn is_plain(self) -> bool {
        self.0 & (NOTHING | LEFT) == 0
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_keeps_its_parts_apart() {
        let word = Word::FIRST.plus(6).moved_to(MAX_SLOTS - 1);
        assert!(word.is_new() && word.is_plain() && !word.is_nothing());
        assert_eq!(word.slot(), MAX_SLOTS - 1);
        assert_eq!(word.items_after(Word::NOTHING), 7);
        assert!(!word.seen().is_new());
        assert_eq!(
            (word.seen().slot(), word.seen().items_after(word)),
            (MAX_SLOTS - 1, 0)
        );
        assert!(!Word::NOTHING.is_plain() && !Word::NOTHING.is_new());
        assert_eq!(Word::NOTHING.seen(), Word::NOTHING);
    }

    #[test]
    fn distances_survive_the_wrap() {
        let last = Word::FIRST.plus(-2);
        assert_eq!(last.plus(3).items_after(Word::NOTHING), 2);
        assert_eq!(last.plus(3).items_after(last), 3);
        assert_eq!(last.items_after(last.plus(3)), -3);
    }
}
