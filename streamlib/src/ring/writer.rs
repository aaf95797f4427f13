//! The writing side: an item is written into a free slot, and published from there.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::attach::Attach;
use super::place::Place;
use super::seats::Seats;
use super::shared::{Shared, Slot};
use crate::sync::{Arc, MutPtr, Ordering};
use crate::time::TimedTick;

/// The writing side of a ring. Never waits, never fails, never allocates.
///
/// Dropping it closes the ring: the readers read what is left, and [`Reader::is_closed`] is true.
///
/// [`Reader::is_closed`]: super::Reader::is_closed
pub struct Writer<T> {
    /// `shared.slots`.
    slots: NonNull<Slot<T>>,
    seats: Seats,
    shared: Arc<Shared<T>>,
}

impl<T> Writer<T> {
    pub(super) fn new(shared: Arc<Shared<T>>, places: &[Arc<Place>]) -> Self {
        Self {
            slots: NonNull::from(&*shared.slots).cast(),
            seats: Seats::new(shared.slots.len(), shared.total, places),
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
        debug_assert!(self.seats.slot() < self.shared.slots.len());
        // SAFETY: the slot in hand is one of `shared`, which lives as long as the writer.
        let item = unsafe { self.slots.add(self.seats.slot()).as_ref() }.get_mut();
        SlotMut { item, writer: self }
    }

    /// Publishes `item`; the one that the slot held before is dropped here.
    #[inline]
    pub fn write(&mut self, item: T) {
        let mut slot = self.slot();
        *slot = item;
        slot.publish();
    }

    /// Says on what tick it is dropped, right before that.
    pub(crate) fn closes_on(&self, tick: TimedTick) {
        // A writer is dropped once; the first word stays.
        let _ = self.shared.closed_on.set(tick);
    }

    /// Whether it has published since this was asked last.
    pub(crate) fn take_published(&mut self) -> bool {
        self.seats.take_published()
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
    #[allow(clippy::drop_non_drop)] // loom's pointer is a guard
    pub fn publish(self) {
        let Self { item, writer } = self;
        drop(item);
        writer.seats.publish(&writer.shared.joining);
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
