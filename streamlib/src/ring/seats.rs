//! The writer's round: one word into every reader's cell, and a free slot for the next item.

use std::ptr::NonNull;

use super::ledger::Ledger;
use super::place::{Cell, Joining, Place};
use super::word::{Start, Word};
use crate::sync::Arc;

/// The readers as the writer knows them, and the slots that they refer to.
pub(super) struct Seats {
    /// The word to publish next: the next sequence number, and a free slot.
    hand: Word,
    /// The only reader's cell, when there is one reader and its depth is 1. Most rings are like this.
    sole: Option<Sole>,
    seats: Vec<Seat>,
    ledger: Ledger,
    /// What a cell holds before its first item.
    nothing: Word,
}

#[derive(Clone, Copy)]
struct Sole {
    cell: NonNull<Cell>,
    start: Start,
}

/// One reader's place as the writer fills it.
struct Seat {
    /// `place.cells()`.
    cells: NonNull<Cell>,
    start: Start,
    depth: u32,
    /// The cell that takes the next item.
    position: u32,
    place: Arc<Place>,
}

impl Seat {
    fn new(place: Arc<Place>, start: Start) -> Self {
        let cells = place.cells();
        let depth = cells.len() as u32;
        Self {
            cells: NonNull::from(cells).cast(),
            start,
            depth,
            position: 0,
            place,
        }
    }

    /// Leaves an item in the next cell and says what was there.
    #[inline(always)]
    fn put(&mut self, word: Word) -> Word {
        // SAFETY: `place` keeps its `depth` cells alive, and `position` is below `depth`.
        let cell = unsafe { self.cells.add(self.position as usize).as_ref() };
        if self.depth > 1 {
            self.position = if self.position + 1 == self.depth {
                0
            } else {
                self.position + 1
            };
        }
        cell.put(word.since(self.start))
    }
}

impl Seats {
    /// Of a ring with `slots` slots, whose readers are never more than `total` deep together.
    pub(super) fn new(slots: usize, total: usize, places: &[Arc<Place>], nothing: Word) -> Self {
        let mut ledger = Ledger::new(slots);
        let hand = Word::first_in(ledger.take());
        // Up to `total` readers come in at one publish, before those that left are let out.
        let mut seats = Vec::with_capacity(2 * total);
        seats.extend(
            places
                .iter()
                .map(|place| Seat::new(place.clone(), Start::BEGINNING)),
        );
        let mut this = Self {
            hand,
            sole: None,
            seats,
            ledger,
            nothing,
        };
        this.find_sole();
        this
    }

    /// The free slot that is published next.
    #[inline(always)]
    pub(super) fn slot(&self) -> usize {
        self.hand.slot()
    }

    /// Gives the slot in hand to every reader, and takes a free one in hand.
    #[inline(always)]
    pub(super) fn publish(&mut self, joining: &Joining) {
        if joining.any() {
            self.let_in(joining);
        }
        let Some(Sole { cell, start }) = self.sole else {
            return self.publish_to_all();
        };
        let hand = self.hand; // loads after the swap would wait for it
        // SAFETY: it is a cell of the one place in `seats`, which keeps it alive.
        let old = unsafe { cell.as_ref() }.put(hand.since(start));
        // SAFETY: what is in a cell was put there by this writer, or is the `nothing` it began with.
        if old.has_left() || unsafe { self.ledger.is_shared(old.slot()) } {
            return self.publish_to_sole(old);
        }
        self.hand = hand.next_in(old.slot());
    }

    /// What `publish` does with one reader when what came back is not simply free.
    #[cold]
    #[inline(never)]
    fn publish_to_sole(&mut self, old: Word) {
        // SAFETY: as in `publish`.
        let free = unsafe { self.ledger.release(old.slot(), 1) };
        self.finish(free.then(|| old.slot()), old);
    }

    #[inline(never)]
    fn publish_to_all(&mut self) {
        let Self {
            hand,
            seats,
            ledger,
            ..
        } = self;
        let readers = seats.len() as u64;
        let Some((first, rest)) = seats.split_first_mut() else {
            *hand = hand.next_in(hand.slot()); // nobody saw it: the slot is still free
            return;
        };
        // SAFETY: the slot in hand was taken from the ledger.
        unsafe { ledger.refer(hand.slot(), readers) };
        let mut back = None;
        let mut release = |slot, readers| {
            // SAFETY: as in `publish`.
            if unsafe { ledger.release(slot, readers) } {
                if let Some(free) = back.replace(slot) {
                    ledger.put_back(free);
                }
            }
        };
        let mut all = first.put(*hand);
        // Readers that keep up give back the same slot, so runs of it are accounted for together. It
        // also keeps stores out of the loop, which the next swap would have to wait for.
        let mut run = (all.slot(), 1);
        for seat in rest {
            let old = seat.put(*hand);
            all = all.with_flags_of(old);
            if old.slot() == run.0 {
                run.1 += 1;
            } else {
                release(run.0, run.1);
                run = (old.slot(), 1);
            }
        }
        release(run.0, run.1);
        self.finish(back, all);
    }

    /// Takes a free slot in hand: `back`, if there is one. `flags`: of what came back.
    #[inline(always)]
    fn finish(&mut self, back: Option<usize>, flags: Word) {
        if flags.has_left() {
            self.let_out();
        }
        let slot = match back {
            Some(slot) => slot,
            None => self.ledger.take(),
        };
        self.hand = self.hand.next_in(slot);
    }

    /// Readers that were attached since the last publish get a seat; what is in hand is their first item.
    #[cold]
    #[inline(never)]
    fn let_in(&mut self, joining: &Joining) {
        let Self { seats, hand, .. } = self;
        // Before the cells are swept for readers that left, so that whoever's leaving made room for
        // one of these is seen to have left, and no more than `total` depths remain.
        joining.take_all(|place| {
            if place.parked().is_none() {
                debug_assert!(seats.len() < seats.capacity());
                seats.push(Seat::new(place, hand.start()));
            }
        });
        self.find_sole();
    }

    /// Takes back all that the readers that left still refer to.
    #[cold]
    #[inline(never)]
    fn let_out(&mut self) {
        let Self {
            ledger,
            seats,
            nothing,
            ..
        } = self;
        seats.retain(|seat| {
            let Some(parked) = seat.place.parked() else {
                return true;
            };
            let cells = seat.place.cells().iter().map(|cell| cell.put(*nothing));
            for word in cells.chain([parked]) {
                // SAFETY: as in `publish`; the parked word is one that was in a cell.
                if unsafe { ledger.release(word.slot(), 1) } {
                    ledger.put_back(word.slot());
                }
            }
            false
        });
        self.find_sole();
    }

    fn find_sole(&mut self) {
        self.sole = match &*self.seats {
            [seat] if seat.depth == 1 => Some(Sole {
                cell: seat.cells,
                start: seat.start,
            }),
            _ => None,
        };
    }
}
