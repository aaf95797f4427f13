//! The tick that an actor works on, as its inputs see it.

use std::cell::Cell;

use crate::time::TimedTick;

thread_local! {
    static MOMENT: Cell<Option<TimedTick>> = const { Cell::new(None) };
}

/// The actor that is polled next on this thread works on `tick`.
#[inline]
pub(crate) fn set_moment(tick: TimedTick) {
    MOMENT.set(Some(tick));
}

/// The tick that the actor on this thread works on.
pub(super) fn moment() -> Option<TimedTick> {
    MOMENT.get()
}
