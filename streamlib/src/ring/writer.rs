//! The writing side: write into a free slot, then swap it into every reader's cell.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::attach::Attach;
use super::ledger::Ledger;
use super::place::{Cell, Place};
use super::shared::{Shared, Slot};
use super::word::{Start, Word};
use crate::sync::{Arc, MutPtr, Ordering};

/// The writing side of a ring. Never waits, never fails, never allocates.
///
/// Dropping it closes the ring: the readers read what is left, and [`Reader::is_closed`] is true.
///
/// [`Reader::is_closed`]: super::Reader::is_closed
pub struct Writer<T> {
    /// `shared.slots`.
    slots: NonNull<Slot<T>>,
    /// The slot in hand: free, and the next one to be published.
    back: usize,
    /// The sequence of the newest item.
    newest: Word,
    seats: Vec<Seat>,
    ledger: Ledger,
    shared: Arc<Shared<T>>,
}

/// A reader's place as the writer fills it.
struct Seat {
    /// `place.cells()`.
    cells: NonNull<Cell>,
    depth: u32,
    /// The cell that takes the next item.
    position: u32,
    start: Start,
    gone: bool,
    place: Arc<Place>,
}

impl Seat {
    fn new(place: Arc<Place>, start: Start) -> Self {
        let cells = place.cells();
        Self {
            cells: NonNull::from(cells).cast(),
            depth: cells.len() as u32,
            position: 0,
            start,
            gone: false,
            place,
        }
    }

    /// Leaves an item in the next cell and says what was there.
    #[inline(always)]
    fn put(&mut self, word: Word) -> Word {
        // SAFETY: `place` keeps its `depth` cells alive, and `position` is below `depth`.
        let cell = unsafe { self.cells.add(self.position as usize).as_ref() };
        self.position += 1;
        if self.position == self.depth {
            self.position = 0;
        }
        cell.put(word.since(self.start))
    }
}

impl<T> Writer<T> {
    pub(super) fn new(shared: Arc<Shared<T>>, places: &[Arc<Place>]) -> Self {
        let mut ledger = Ledger::new(shared.slots.len());
        // At most `total` readers come in at one publish, before those that left are let out.
        let mut seats = Vec::with_capacity(2 * shared.total);
        seats.extend(
            places
                .iter()
                .map(|place| Seat::new(place.clone(), Start::BEGINNING)),
        );
        Self {
            slots: NonNull::from(&*shared.slots).cast(),
            back: ledger.take(),
            newest: Word::nothing(0),
            seats,
            ledger,
            shared,
        }
    }

    /// The slot to write the next item into. It holds some earlier item (or what it was built with),
    /// so that its memory can be used again; which one is not said.
    ///
    /// [`SlotMut::publish`] makes it the newest item. Dropped unpublished, nobody sees it, and the
    /// next call gives the same slot with what was written.
    ///
    /// ```
    /// let (mut writer, [mut reader]) = streamlib::ring::latest::<Vec<u8>, 1>();
    /// let mut slot = writer.slot();
    /// slot.clear();
    /// slot.extend(b"bars");
    /// slot.publish();
    /// assert_eq!(reader.latest().unwrap(), b"bars");
    /// ```
    #[inline]
    pub fn slot(&mut self) -> SlotMut<'_, T> {
        let item = self.back_slot();
        SlotMut { item, writer: self }
    }

    /// Publishes `item`; the one that the slot held before is dropped here.
    #[inline]
    pub fn write(&mut self, item: T) {
        let mut slot = self.slot();
        *slot = item;
        slot.publish();
    }

    /// A handle that attaches readers while the ring is in use.
    #[must_use]
    pub fn attach_point(&self) -> Attach<T> {
        Attach::new(self.shared.clone())
    }

    /// How many readers there are at this moment.
    #[must_use]
    pub fn readers(&self) -> usize {
        // Relaxed: a number to show; nothing is read on the strength of it.
        self.shared.readers.load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn back_slot(&mut self) -> MutPtr<T> {
        debug_assert!(self.back < self.shared.slots.len());
        // SAFETY: `back` is a slot of `shared`, which lives as long as the writer.
        unsafe { self.slots.add(self.back).as_ref() }.get_mut()
    }

    /// Gives the slot in hand to every reader, and takes a free one in hand.
    #[inline]
    fn publish(&mut self) {
        let slot = self.back;
        self.newest = self.newest.plus(1);
        let word = self.newest.published_in(slot);
        if self.shared.joining.any() {
            self.let_in(word);
        }
        if self.seats.is_empty() {
            return; // nobody saw it: the slot is still free
        }
        // SAFETY: `slot` was taken from the ledger of this ring.
        unsafe { self.ledger.refer(slot, self.seats.len()) };
        let mut back = None;
        let mut any_gone = false;
        for seat in &mut self.seats {
            let old = seat.put(word);
            if old.has_left() {
                seat.gone = true;
                any_gone = true;
            }
            // SAFETY: what is in a cell was put there by this writer, or is the "no slot" it began with.
            if unsafe { self.ledger.release(old.slot()) } {
                if let Some(free) = back.replace(old.slot()) {
                    self.ledger.put_back(free);
                }
            }
        }
        if any_gone {
            self.let_out();
        }
        self.back = match back {
            Some(free) => free,
            None => self.ledger.take(),
        };
    }

    /// Readers that were attached since the last publish get a seat; `word` is their first item.
    #[cold]
    #[inline(never)]
    fn let_in(&mut self, word: Word) {
        let Self { shared, seats, .. } = self;
        // Before the seats are swept for readers that left, so that whoever's leaving made room for
        // one of these is seen to have left, and no more than `total` depths remain.
        shared.joining.take_all(|place| {
            if !place.is_left() {
                debug_assert!(seats.len() < seats.capacity());
                seats.push(Seat::new(place, word.start()));
            }
        });
    }

    /// Takes back all that the readers that left still refer to.
    #[cold]
    #[inline(never)]
    fn let_out(&mut self) {
        let nothing = self.shared.nothing();
        let Self { ledger, seats, .. } = self;
        seats.retain(|seat| {
            if seat.gone {
                seat.place.clear(nothing, |word| {
                    // SAFETY: as in `publish`; the parked word is one that was in a cell.
                    if unsafe { ledger.release(word.slot()) } {
                        ledger.put_back(word.slot());
                    }
                });
            }
            !seat.gone
        });
    }
}

impl<T> Drop for Writer<T> {
    fn drop(&mut self) {
        // Release: pairs with the Acquire in `Reader::is_closed`: every item is published before.
        self.shared.closed.store(true, Ordering::Release);
    }
}

impl<T> fmt::Debug for Writer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("slots", &self.shared.slots.len())
            .field("readers", &self.readers())
            .finish_non_exhaustive()
    }
}

// SAFETY: the pointers lead into `shared` and the places, which it keeps alive and which are Sync
// when T is Send + Sync; the rest is its own.
unsafe impl<T: Send + Sync> Send for Writer<T> {}
// SAFETY: `&Writer` only counts readers and makes attach points.
unsafe impl<T: Send + Sync> Sync for Writer<T> {}

/// A free slot, to be written in place. See [`Writer::slot`].
#[must_use = "nobody sees what is written until `publish`"]
pub struct SlotMut<'a, T> {
    item: MutPtr<T>,
    writer: &'a mut Writer<T>,
}

impl<T> SlotMut<'_, T> {
    /// Makes this the newest item for every reader.
    #[inline]
    pub fn publish(self) {
        let Self { item, writer } = self;
        drop(item);
        writer.publish();
    }
}

impl<T> Deref for SlotMut<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the slot is free until it is published, which consumes `self`.
        unsafe { self.item.deref() }
    }
}

impl<T> DerefMut for SlotMut<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the slot is free until it is published, which consumes `self`; `&mut self` is the only way in.
        unsafe { self.item.deref() }
    }
}

impl<T: fmt::Debug> fmt::Debug for SlotMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SlotMut").field(&**self).finish()
    }
}

// SAFETY: a `&mut T` and a `&mut Writer<T>` in one.
unsafe impl<T: Send + Sync> Send for SlotMut<'_, T> {}
// SAFETY: `&SlotMut` gives `&T` only.
unsafe impl<T: Send + Sync> Sync for SlotMut<'_, T> {}
