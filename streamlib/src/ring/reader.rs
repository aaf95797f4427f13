//! The reading side: swap the slot held for the one that waits in the cell, and read it in place.

use std::fmt;
use std::ptr::NonNull;

use super::place::{Cell, Place};
use super::shared::{Shared, Slot};
use super::word::Word;
use crate::sync::{Arc, Ordering};
use crate::time::TimedTick;

/// How often a reader of depth 2 or more asks for exactly the oldest item while the writer overwrites
/// it again and again, before it takes what is there.
const TRIES: usize = if cfg!(streamlib_loom) { 1 } else { 4 };

/// One reading side of a ring. Never waits for the writer or for another reader.
///
/// The item that [`latest`](Self::latest) or [`next`](Self::next) gives is read in place, and stays
/// as it is until the next call of one of them: the writer goes on in other slots.
///
/// Dropping a reader detaches it. The writer takes its slots back at the next publish.
pub struct Reader<T> {
    /// The cell in which the next unseen item arrives.
    cell: NonNull<Cell>,
    /// The item that was read last: the lease.
    held: Word,
    /// `shared.slots`.
    slots: NonNull<Slot<T>>,
    /// Items that were overwritten unread, up to the one held; not used at depth 1.
    overwritten: u64,
    /// Which of the cells `cell` is.
    position: u32,
    depth: u32,
    place: Arc<Place>,
    shared: Arc<Shared<T>>,
    /// Tells loom how long the lease lasts.
    #[cfg(streamlib_loom)]
    lease: Option<crate::sync::ConstPtr<T>>,
}

impl<T> Reader<T> {
    pub(super) fn new(shared: Arc<Shared<T>>, place: Arc<Place>) -> Self {
        Self {
            cell: NonNull::from(place.cells()).cast(),
            held: Word::NOTHING,
            slots: NonNull::from(&*shared.slots).cast(),
            overwritten: 0,
            position: 0,
            depth: place.cells().len() as u32,
            place,
            shared,
            #[cfg(streamlib_loom)]
            lease: None,
        }
    }

    /// One that no writer knows: nothing ever arrives.
    pub(crate) fn of_nothing() -> Self {
        Self::new(Shared::new(Vec::new(), 1, 0, 1), Place::new(1))
    }

    /// Whether a writer can reach it.
    pub(crate) fn is_of_a_ring(&self) -> bool {
        !self.shared.slots.is_empty()
    }

    /// The newest item: the same again if nothing was published since, `None` before the first.
    ///
    /// With [`Policy::Every`](super::Policy::Every) the unread items before the newest are passed
    /// over; they do not count as overwritten.
    ///
    /// ```
    /// let (mut writer, [mut reader]) = streamlib::ring::latest::<u32, 1>();
    /// assert_eq!(reader.latest(), None);
    /// writer.write(1);
    /// writer.write(2);
    /// assert_eq!(reader.latest(), Some(&2));
    /// assert_eq!(reader.latest(), Some(&2));
    /// assert_eq!(reader.overwritten(), 1);
    /// ```
    #[inline(always)] // where it is a call, a read costs three times as much
    pub fn latest(&mut self) -> Option<&T> {
        if self.cell().glance().is_new() {
            if self.depth == 1 {
                return Some(self.take_only());
            }
            self.take_newest();
        }
        self.item()
    }

    /// The next item that was not seen yet: the newest with [`Policy::Latest`](super::Policy::Latest),
    /// the oldest unread with [`Policy::Every`](super::Policy::Every). `None` if there is none.
    ///
    /// ```
    /// use streamlib::ring::{Policy, Ring};
    ///
    /// let (mut writer, mut readers) =
    ///     Ring::builder().reader(Policy::Latest).reader(Policy::Every { depth: 2 }).build::<u32>()?;
    /// for n in 1..=3 {
    ///     writer.write(n);
    /// }
    /// assert_eq!(readers[0].next(), Some(&3));
    /// assert_eq!(readers[0].next(), None);
    /// assert_eq!(readers[1].next(), Some(&2)); // 1 was overwritten
    /// assert_eq!(readers[1].next(), Some(&3));
    /// assert_eq!(readers[1].overwritten(), 1);
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    #[inline]
    #[allow(clippy::should_implement_trait)] // it lends, which `Iterator` cannot
    pub fn next(&mut self) -> Option<&T> {
        if !self.cell().glance().is_new() {
            return None;
        }
        if self.depth == 1 {
            return Some(self.take_only());
        }
        if self.take_oldest() {
            self.item()
        } else {
            None
        }
    }

    /// Whether [`next`](Self::next) would give an item.
    #[inline]
    #[must_use]
    pub fn has_new(&self) -> bool {
        let found = self.cell().glance();
        found.is_new() && (self.depth == 1 || found.items_after(self.held) > 0)
    }

    /// How many items were overwritten before this reader read them.
    #[must_use]
    pub fn overwritten(&self) -> u64 {
        if self.depth == 1 {
            return self.cell().overwritten();
        }
        let newest = self
            .place
            .cells()
            .iter()
            .map(|cell| cell.look().items_after(self.held))
            .max();
        let unread = newest.unwrap_or(0).max(0);
        self.overwritten + (unread - i64::from(self.depth)).max(0) as u64
    }

    /// Whether the writer is gone. What it published last can still be read: a reader has reached the
    /// end when this is true and [`has_new`](Self::has_new), asked after it, is false.
    #[inline]
    #[must_use]
    pub fn is_closed(&self) -> bool {
        // Acquire: pairs with the Release in the writer's drop, after its last publish.
        self.shared.closed.load(Ordering::Acquire)
    }

    /// The tick on which the writer went, if it is gone and that is known.
    pub(crate) fn closed_on(&self) -> Option<TimedTick> {
        self.shared.closed_on.get().copied()
    }

    #[inline(always)]
    fn cell(&self) -> &Cell {
        // SAFETY: it is one of the cells of `place`, which lives as long as the reader.
        unsafe { self.cell.as_ref() }
    }

    /// The item that is held.
    #[inline(always)]
    fn item(&self) -> Option<&T> {
        if self.held.is_nothing() {
            return nothing_yet();
        }
        // SAFETY: it is held, and is something.
        Some(unsafe { self.item_of(self.held) })
    }

    /// # Safety
    /// `word` has just been taken or is held, and is not nothing.
    #[inline(always)]
    unsafe fn item_of(&self, word: Word) -> &T {
        // SAFETY: a word that is not nothing has the number of a slot, and `shared` keeps the slots alive.
        let slot = unsafe { self.slots.add(word.slot()).as_ref() };
        // SAFETY: the writer does not touch the slot until it gets it back, which takes `&mut self`.
        slot.with(|item| unsafe { &*item })
    }

    /// Now reads the item of `word`, which was taken from a cell.
    #[inline(always)]
    fn hold(&mut self, word: Word) {
        debug_assert!(word.is_new() && word.slot() < self.shared.slots.len());
        self.held = word.seen();
        #[cfg(streamlib_loom)]
        {
            self.lease = Some(self.shared.slots[word.slot()].get());
        }
    }

    /// The item is not read any more: its slot can be given back.
    #[inline(always)]
    fn end_lease(&mut self) {
        #[cfg(streamlib_loom)]
        {
            self.lease = None;
        }
    }

    /// Depth 1: takes what is in the only cell, which is the newest item. Wait-free.
    #[inline(always)]
    fn take_only(&mut self) -> &T {
        self.end_lease();
        let word = self.cell().take(self.held);
        self.hold(word);
        // SAFETY: it is held, and the cell was seen to hold something. (Not by way of `held`, where it
        // would be read back from memory.)
        unsafe { self.item_of(word) }
    }

    /// Takes the oldest item that is not overwritten. `false` if there is none. Wait-free.
    fn take_oldest(&mut self) -> bool {
        let mut expected = self.held.plus(1);
        let mut found = self.cell().look();
        if !found.is_new() || found.items_after(expected) < 0 {
            return false; // `latest` has been past it
        }
        self.end_lease();
        for _ in 0..TRIES {
            if found.items_after(expected) > 0 {
                // The writer has been round. It keeps the newest `depth` items: the oldest of them is
                // in the cell after the newest.
                let (position, newest) = self.newest();
                let passed = newest.items_after(expected) - i64::from(self.depth) + 1;
                self.overwritten += passed as u64;
                expected = expected.plus(passed);
                self.step_from(position);
                found = self.cell().look();
            }
            if found.items_after(expected) == 0 {
                match self.cell().take_if(found, self.held) {
                    Ok(()) => return self.taken(found, expected),
                    Err(now) => found = now,
                }
            }
        }
        // Lapped at every try: take whatever came. What is older is lost.
        let word = self.cell().take(self.held);
        self.taken(word, expected)
    }

    fn taken(&mut self, word: Word, expected: Word) -> bool {
        self.overwritten += word.items_after(expected) as u64;
        self.hold(word);
        self.step_from(self.position);
        true
    }

    /// Takes the newest item, past the unread ones before it. Wait-free.
    fn take_newest(&mut self) {
        let expected = self.held.plus(1);
        let (position, newest) = self.newest();
        if newest.items_after(expected) < 0 {
            return; // it is the one held
        }
        self.end_lease();
        let word = self.place.cells()[position as usize].take(self.held);
        self.overwritten += (word.items_after(expected) - i64::from(self.depth) + 1).max(0) as u64;
        self.hold(word);
        self.step_from(position);
    }

    /// The newest word in the cells, and in which.
    fn newest(&self) -> (u32, Word) {
        (0..)
            .zip(self.place.cells().iter().map(Cell::look))
            .max_by_key(|(_, word)| word.items_after(self.held))
            .expect("a place has at least one cell")
    }

    /// The next unseen item arrives in the cell after `position`.
    fn step_from(&mut self, position: u32) {
        self.position = if position + 1 == self.depth {
            0
        } else {
            position + 1
        };
        self.cell = NonNull::from(&self.place.cells()[self.position as usize]);
    }
}

/// Said before the first item only: a call, so that the other case is a straight line.
#[cold]
#[inline(never)]
fn nothing_yet<'a, T>() -> Option<&'a T> {
    None
}

impl<T> Drop for Reader<T> {
    fn drop(&mut self) {
        self.end_lease();
        self.place.leave(self.held);
        // Relaxed: a number to show.
        self.shared.readers.fetch_sub(1, Ordering::Relaxed);
        // Release: pairs with the Acquire in `Attach::attach`: who uses this room comes after the leaving.
        self.shared
            .free
            .fetch_add(self.depth as usize, Ordering::Release);
    }
}

impl<T> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("depth", &self.depth)
            .field("has_new", &self.has_new())
            .field("overwritten", &self.overwritten())
            .finish_non_exhaustive()
    }
}

// SAFETY: the pointers lead into `shared` and the place, which it keeps alive and which are Sync when
// T is Send + Sync; the rest is its own.
unsafe impl<T: Send + Sync> Send for Reader<T> {}
// SAFETY: `&Reader` only loads words; it gives no `&T`.
unsafe impl<T: Send + Sync> Sync for Reader<T> {}
