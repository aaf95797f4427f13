//! What a slot of a ring between actors holds: nothing at first, then an item and its tick.

use std::fmt;
use std::mem::{self, MaybeUninit};

use crate::time::{ClockId, TimedTick, Timestamp};

/// An item and the tick that it was published with, or nothing yet.
///
/// Which of the two is said by what is stored with every item anyway, so a publish does not pay for it: a
/// tag of its own is one store more for the reader's swap to wait for, a tenth of an edge.
pub struct Stamped<T> {
    timestamp: Timestamp,
    frame_number: u64,
    /// The clock's number below [`FILLED`]; 0 while there is no item.
    clock: u64,
    /// An item if `clock` is not 0.
    item: MaybeUninit<T>,
}

const FILLED: u64 = 1 << 32;

impl<T> Stamped<T> {
    /// Nothing yet.
    pub(crate) fn vacant() -> Self {
        Self {
            timestamp: Timestamp::default(),
            frame_number: 0,
            clock: 0,
            item: MaybeUninit::uninit(),
        }
    }

    /// `item` of `tick`.
    pub(crate) fn new(item: T, tick: TimedTick) -> Self {
        let mut this = Self::vacant();
        this.put(item, tick);
        this
    }

    /// `item` of `tick`, in place of any before.
    #[inline(always)]
    pub(crate) fn put(&mut self, item: T, tick: TimedTick) {
        if mem::needs_drop::<T>() && self.is_filled() {
            // SAFETY: there is an item. (Assigned, so that one whose drop panics is followed by the new one, which
            // so need not be kept where that drop could be followed by its own.)
            *unsafe { self.item.assume_init_mut() } = item;
        } else {
            // SAFETY: it is the place of an item. (`MaybeUninit::write` makes a whole one beside it first.)
            unsafe { self.item.as_mut_ptr().write(item) };
        }
        self.stamp(tick);
    }

    /// As `put`, of what [`item_mut`](Self::item_mut) gave before.
    #[inline(always)]
    pub(crate) fn restamp(&mut self, tick: TimedTick) {
        assert!(self.is_filled());
        self.stamp(tick);
    }

    #[inline(always)]
    fn stamp(&mut self, tick: TimedTick) {
        self.timestamp = tick.timestamp;
        self.frame_number = tick.frame_number;
        self.clock = FILLED | u64::from(tick.clock_id.as_u32());
    }

    /// Drops the item, if there is one.
    pub(crate) fn clear(&mut self) {
        if mem::take(&mut self.clock) != 0 {
            // SAFETY: there was an item, and it has just been said that there is none.
            unsafe { self.item.assume_init_drop() };
        }
    }

    #[inline(always)]
    fn is_filled(&self) -> bool {
        self.clock != 0
    }

    /// The tick of the item.
    #[inline(always)]
    pub(crate) fn tick(&self) -> TimedTick {
        TimedTick {
            timestamp: self.timestamp,
            frame_number: self.frame_number,
            clock_id: ClockId::from_u32(self.clock as u32),
        }
    }

    /// The item, if there is one.
    #[inline]
    pub(crate) fn item(&self) -> Option<&T> {
        // SAFETY: there is one.
        self.is_filled()
            .then(|| unsafe { self.item.assume_init_ref() })
    }

    /// The item that there is.
    ///
    /// # Safety
    /// There is one.
    #[inline(always)]
    pub(crate) unsafe fn item_unchecked(&self) -> &T {
        debug_assert!(self.is_filled());
        // SAFETY: the caller says so.
        unsafe { self.item.assume_init_ref() }
    }

    /// The item, to be changed in place: `make`s it where there is none, with a tick of no clock.
    #[inline]
    pub(crate) fn item_mut(&mut self, make: impl FnOnce() -> T) -> &mut T {
        if !self.is_filled() {
            *self = Self::new(make(), TimedTick::default());
        }
        // SAFETY: there is one now.
        unsafe { self.item.assume_init_mut() }
    }
}

impl<T> Drop for Stamped<T> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<T: fmt::Debug> fmt::Debug for Stamped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stamped")
            .field("tick", &self.tick())
            .field("item", &self.item())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;

    use proptest::prelude::*;

    use super::*;

    fn tick(frame_number: u64, clock: u32) -> TimedTick {
        TimedTick {
            timestamp: Timestamp::from_nanos(7),
            frame_number,
            clock_id: ClockId::from_u32(clock),
        }
    }

    #[test]
    fn a_tick_comes_back_whatever_its_clock() {
        for clock in [0, 1, u32::MAX] {
            let stamped = Stamped::new(5, tick(3, clock));
            assert_eq!((stamped.tick(), stamped.item()), (tick(3, clock), Some(&5)));
        }
        assert_eq!(Stamped::<i32>::vacant().item(), None);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Put,
        Clear,
        Change,
        Restamp,
    }

    proptest! {
        /// Every item that went in is dropped once: no step forgets one, and none drops one again.
        #[test]
        fn each_item_is_dropped_once(steps in prop::collection::vec(
            prop_oneof![Just(Step::Put), Just(Step::Clear), Just(Step::Change), Just(Step::Restamp)], 0..20,
        )) {
            let counted = Rc::new(());
            let (mut stamped, mut there) = (Stamped::vacant(), false);
            for (number, step) in (0..).zip(steps) {
                match step {
                    Step::Put => {
                        stamped.put(Rc::clone(&counted), tick(number, 0));
                        there = true;
                    }
                    Step::Clear => {
                        stamped.clear();
                        there = false;
                    }
                    Step::Change => {
                        let _ = stamped.item_mut(|| Rc::clone(&counted));
                        there = true;
                    }
                    Step::Restamp if there => stamped.restamp(tick(number, 1)),
                    Step::Restamp => {}
                }
                prop_assert_eq!(stamped.item().is_some(), there);
                prop_assert_eq!(Rc::strong_count(&counted), 1 + usize::from(there));
            }
            drop(stamped);
            prop_assert_eq!(Rc::strong_count(&counted), 1);
        }
    }

    /// Drops with a panic if it is to.
    struct Bad {
        number: u64,
        panics: bool,
        _counted: Rc<()>,
    }

    impl Drop for Bad {
        fn drop(&mut self) {
            assert!(!self.panics, "as it is to");
        }
    }

    #[test]
    fn an_item_whose_drop_panics_is_gone() {
        let counted = Rc::new(());
        let bad = |number, panics| Bad {
            number,
            panics,
            _counted: Rc::clone(&counted),
        };
        let mut stamped = Stamped::new(bad(0, true), tick(0, 1));
        let put = catch_unwind(AssertUnwindSafe(|| stamped.put(bad(1, true), tick(1, 1))));
        assert!(put.is_err());
        assert_eq!(stamped.item().map(|item| item.number), Some(1));
        assert!(catch_unwind(AssertUnwindSafe(|| stamped.clear())).is_err());
        assert!(stamped.item().is_none());
        stamped.put(bad(2, false), tick(2, 1));
        assert_eq!(stamped.item().map(|item| item.number), Some(2));
        drop(stamped);
        assert_eq!(Rc::strong_count(&counted), 1);
    }
}
