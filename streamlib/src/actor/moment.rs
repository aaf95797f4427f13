//! The tick that an actor works on, as its inputs see it.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;

use crate::time::TimedTick;

thread_local! {
    static MOMENT: Cell<Option<TimedTick>> = const { Cell::new(None) };
}

/// Runs `work` on a tick, on whatever threads it is polled.
#[inline]
pub(crate) async fn at_tick<T>(tick: TimedTick, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|cx| {
        MOMENT.set(Some(tick));
        work.as_mut().poll(cx)
    })
    .await
}

/// The tick that the actor on this thread works on.
pub(super) fn moment() -> Option<TimedTick> {
    MOMENT.get()
}
