//! The writer's own account of the slots: who refers to each, and which are free.

/// Not atomic, because only the writer keeps it: what a reader gives back comes through its cell.
pub(super) struct Ledger {
    /// For each slot, how many references there are beyond the first: 0 for a free one and for one
    /// that a single reader has, so that one reader alone needs no writing here.
    extra: Box<[u64]>,
    /// Free slots. The one freed last is taken first: its memory is warm, and a slot that was never
    /// needed stays untouched.
    free: Vec<usize>,
}

impl Ledger {
    /// All of `slots` slots are free; slot 0 is taken first.
    pub(super) fn new(slots: usize) -> Self {
        Self {
            extra: vec![0; slots].into_boxed_slice(),
            free: (0..slots).rev().collect(),
        }
    }

    /// A free slot.
    #[inline]
    pub(super) fn take(&mut self) -> usize {
        debug_assert!(
            !self.free.is_empty(),
            "readers refer to at most 1 + total depth of 2 + total depth slots"
        );
        // SAFETY: see the module doc of `ring`: the readers refer to at most all slots but one.
        unsafe { self.free.pop().unwrap_unchecked() }
    }

    /// `readers` readers, at least one, now refer to `slot`, which was free.
    ///
    /// # Safety
    /// `slot` is a slot of this ring.
    #[inline(always)]
    pub(super) unsafe fn refer(&mut self, slot: usize, readers: u64) {
        debug_assert!(slot < self.extra.len() && self.extra[slot] == 0);
        // SAFETY: promised by the caller.
        *unsafe { self.extra.get_unchecked_mut(slot) } = readers - 1;
    }

    /// Whether more than one reader refers to `slot`.
    pub(super) fn is_shared(&self, slot: usize) -> bool {
        self.extra[slot] != 0
    }

    /// As many as `readers` of those that refer to `slot` do so no more. Whether that makes it free.
    ///
    /// # Safety
    /// `slot` is a slot of this ring.
    #[inline(always)]
    pub(super) unsafe fn release(&mut self, slot: usize, readers: u64) -> bool {
        debug_assert!(slot < self.extra.len());
        // SAFETY: promised by the caller.
        let extra = unsafe { self.extra.get_unchecked_mut(slot) };
        debug_assert!(*extra + 1 >= readers);
        let free = *extra < readers;
        *extra = extra.saturating_sub(readers);
        free
    }

    /// `slot` is free to be taken.
    #[inline]
    pub(super) fn put_back(&mut self, slot: usize) {
        let len = self.free.len();
        debug_assert!(len < self.free.capacity());
        // SAFETY: `new` made room for every slot, and each is free at most once. (`push` would bring its
        // growing into the path of every publish.)
        unsafe {
            self.free.as_mut_ptr().add(len).write(slot);
            self.free.set_len(len + 1);
        }
    }
}
