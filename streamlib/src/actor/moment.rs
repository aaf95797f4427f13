//! The tick that an actor works on, as its inputs see it, and the one that it ends on, as its outputs do.

use std::cell::Cell;

use crate::time::TimedTick;

thread_local! {
    static MOMENT: Cell<Option<TimedTick>> = const { Cell::new(None) };
    static END: Cell<Option<TimedTick>> = const { Cell::new(None) };
}

/// The actor that is polled next on this thread works on `tick`.
#[inline]
pub(crate) fn set_moment(tick: TimedTick) {
    MOMENT.set(Some(tick));
}

/// The actor that is polled next on this thread works on no tick: it is opened or closed.
pub(crate) fn clear_moment() {
    MOMENT.set(None);
}

/// Drops an actor that ends on `tick`, if it ends on one; its outputs tell their readers.
pub(crate) fn drop_on<A>(tick: Option<TimedTick>, actor: A) {
    /// Also when the drop panics.
    struct Over;
    impl Drop for Over {
        fn drop(&mut self) {
            END.set(None);
        }
    }
    END.set(tick);
    let _over = Over;
    drop(actor);
}

/// The tick on which the actor ends that is being dropped on this thread.
pub(super) fn end() -> Option<TimedTick> {
    END.get()
}

/// The tick that the actor on this thread works on.
pub(super) fn moment() -> Option<TimedTick> {
    MOMENT.get()
}
