//! The writer's round: one word into every reader's cell, and a free slot for the next item.

use std::ptr::NonNull;

use super::ledger::Ledger;
use super::place::{Cell, Joining, Place};
use super::word::Word;
use crate::sync::Arc;

/// The readers as the writer knows them, and the slots that they refer to.
pub(super) struct Seats {
    hand: Hand,
    /// The only reader's cell, when there is one reader and its depth is 1. Most rings are like this.
    sole: Option<NonNull<Cell>>,
    seats: Vec<Seat>,
    ledger: Ledger,
}

/// The free slot that is published next; above it a mark that publishing loses, because it takes another
/// word in hand. So to know whether something was published costs a publish nothing.
#[derive(Clone, Copy)]
struct Hand(u64);

impl Hand {
    const MARK: u64 = 1 << 63;

    fn free(slot: usize) -> Self {
        Self(slot as u64)
    }

    /// The slot of a word that came back from a cell without a sequence.
    #[inline(always)]
    fn back(word: Word) -> Self {
        Self(word.bits())
    }

    #[inline(always)]
    fn slot(self) -> usize {
        Word::from_bits(self.0).slot()
    }

    fn marked(self) -> Self {
        Self(self.0 | Self::MARK)
    }

    fn is_marked(self) -> bool {
        self.0 & Self::MARK != 0
    }
}

/// One reader's place as the writer fills it.
struct Seat {
    /// `place.cells()`.
    cells: NonNull<Cell>,
    depth: u32,
    /// The cell that takes the next item.
    position: u32,
    /// The next item's sequence, when there are several cells.
    next: Word,
    place: Arc<Place>,
}

impl Seat {
    fn new(place: Arc<Place>) -> Self {
        let cells = place.cells();
        let depth = cells.len() as u32;
        Self {
            cells: NonNull::from(cells).cast(),
            depth,
            position: 0,
            next: Word::FIRST,
            place,
        }
    }

    /// Leaves an item in the next cell and says what was there.
    #[inline(always)]
    fn put(&mut self, slot: usize) -> Word {
        if self.depth > 1 {
            return self.put_next(slot);
        }
        // SAFETY: `place` keeps its cells alive, and there is at least one.
        put_only(unsafe { self.cells.as_ref() }, slot)
    }

    fn put_next(&mut self, slot: usize) -> Word {
        // SAFETY: `place` keeps its `depth` cells alive, and `position` is below `depth`.
        let cell = unsafe { self.cells.add(self.position as usize).as_ref() };
        self.position = if self.position + 1 == self.depth {
            0
        } else {
            self.position + 1
        };
        let word = self.next.moved_to(slot);
        self.next = self.next.plus(1);
        cell.put(word)
    }
}

/// Leaves an item in the only cell of a reader and says what was there.
#[inline(always)]
fn put_only(cell: &Cell, slot: usize) -> Word {
    let old = cell.put(Word::item_in(slot));
    if old.is_new() {
        cell.count_overwritten();
    }
    old
}

impl Seats {
    /// Of a ring with `slots` slots, whose readers are never more than `total` deep together.
    pub(super) fn new(slots: usize, total: usize, places: &[Arc<Place>]) -> Self {
        let mut ledger = Ledger::new(slots);
        let hand = Hand::free(ledger.take()).marked();
        // Up to `total` readers come in at one publish, before those that left are let out.
        let mut seats = Vec::with_capacity(2 * total);
        seats.extend(places.iter().cloned().map(Seat::new));
        let mut this = Self {
            hand,
            sole: None,
            seats,
            ledger,
        };
        this.find_sole();
        this
    }

    /// The free slot that is published next.
    #[inline(always)]
    pub(super) fn slot(&self) -> usize {
        self.hand.slot()
    }

    /// Whether there was a publish since this was asked last.
    pub(super) fn take_published(&mut self) -> bool {
        let published = !self.hand.is_marked();
        self.hand = self.hand.marked();
        published
    }

    /// Gives the slot in hand to every reader, and takes a free one in hand.
    #[inline(always)]
    pub(super) fn publish(&mut self, joining: &Joining) {
        if joining.any() {
            self.let_in(joining);
        }
        let Some(cell) = self.sole else {
            return self.publish_to_all();
        };
        // SAFETY: it is the cell of the one place in `seats`, which keeps it alive.
        let old = put_only(unsafe { cell.as_ref() }, self.slot());
        if !old.is_plain() {
            return self.publish_to_sole(old);
        }
        // A reader refers to a slot once, and there is no other reader: the slot is free.
        debug_assert!(!self.ledger.is_shared(old.slot()));
        self.hand = Hand::back(old);
    }

    /// What `publish` does with one reader when what came back is not simply free.
    #[cold]
    #[inline(never)]
    fn publish_to_sole(&mut self, old: Word) {
        // SAFETY: what is in a cell and not nothing was put there by this writer.
        let free = !old.is_nothing() && unsafe { self.ledger.release(old.slot(), 1) };
        self.finish(free.then(|| old.slot()), old);
    }

    #[inline(never)]
    fn publish_to_all(&mut self) {
        let slot = self.slot();
        let Self { seats, ledger, .. } = self;
        let readers = seats.len() as u64;
        let Some((first, rest)) = seats.split_first_mut() else {
            // Nobody saw it: the slot is still free.
            self.hand = Hand::free(slot);
            return;
        };
        // SAFETY: the slot in hand was taken from the ledger.
        unsafe { ledger.refer(slot, readers) };
        let mut back = None;
        let mut release = |old: Word, readers| {
            // SAFETY: as in `publish_to_sole`.
            let is_free = !old.is_nothing() && unsafe { ledger.release(old.slot(), readers) };
            if is_free && let Some(free) = back.replace(old.slot()) {
                ledger.put_back(free);
            }
        };
        // Readers that keep up give back the same slot, so runs of it are accounted for together. It
        // also keeps stores out of the loop, which the next swap would have to wait for.
        let mut last = first.put(slot);
        let (mut flags, mut run) = (last, 1);
        for seat in rest {
            let old = seat.put(slot);
            flags = flags.with_flags_of(old);
            if old.same_slot(last) {
                run += 1;
            } else {
                release(last, run);
                (last, run) = (old, 1);
            }
        }
        release(last, run);
        self.finish(back, flags);
    }

    /// Takes a free slot in hand: `back`, if there is one. `flags`: of what came back.
    #[inline(always)]
    fn finish(&mut self, back: Option<usize>, flags: Word) {
        if flags.has_left() {
            self.let_out();
        }
        self.hand = Hand::free(match back {
            Some(slot) => slot,
            None => self.ledger.take(),
        });
    }

    /// Readers that were attached since the last publish get a seat; their first item is the one in hand.
    #[cold]
    #[inline(never)]
    fn let_in(&mut self, joining: &Joining) {
        let Self { seats, .. } = self;
        // Before the cells are swept for readers that left, so that whoever's leaving made room for
        // one of these is seen to have left, and no more than `total` depths remain.
        joining.take_all(|place| {
            if place.parked().is_none() {
                debug_assert!(seats.len() < seats.capacity());
                seats.push(Seat::new(place));
            }
        });
        self.find_sole();
    }

    /// Takes back all that the readers that left still refer to.
    #[cold]
    #[inline(never)]
    fn let_out(&mut self) {
        let Self { ledger, seats, .. } = self;
        seats.retain(|seat| {
            let Some(parked) = seat.place.parked() else {
                return true;
            };
            let cells = seat
                .place
                .cells()
                .iter()
                .map(|cell| cell.put(Word::NOTHING));
            for word in cells.chain([parked]) {
                // SAFETY: as in `publish_to_sole`; the parked word is one that was in a cell.
                if !word.is_nothing() && unsafe { ledger.release(word.slot(), 1) } {
                    ledger.put_back(word.slot());
                }
            }
            false
        });
        self.find_sole();
    }

    fn find_sole(&mut self) {
        self.sole = match &*self.seats {
            [seat] if seat.depth == 1 => Some(seat.cells),
            _ => None,
        };
    }
}
