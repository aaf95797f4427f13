//! The rest of a long chain of `inline` actors, whose futures have memory of their own.
//!
//! The future of a chain holds that of its rest, and so on, and the compiler follows that only so deep.
//! So `pipeline!` puts the rest apart after every few actors: its future is then a pointer to the one before.
//! The memory is taken once and used again on every tick.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context as Waking, Poll};

use super::branch::Followers;
use super::runner::Context;
use crate::Result;
use crate::time::{ClockId, TimedTick};

/// Branches whose futures are put apart.
pub struct Apart<F> {
    inner: F,
    room: Room,
}

impl<F> Apart<F> {
    pub(super) fn new(inner: F) -> Self {
        Self {
            inner,
            room: Room {
                memory: NonNull::dangling(),
                layout: Layout::new::<()>(),
            },
        }
    }
}

impl<F: Followers> Followers for Apart<F> {
    const EMPTY: bool = F::EMPTY;

    fn check(&self) -> Result<()> {
        self.inner.check()
    }

    fn start(&mut self, context: &Context) -> impl Future<Output = ()> + Send {
        self.room.hold(self.inner.start(context))
    }

    #[inline]
    fn run(
        &mut self,
        tick: TimedTick,
        published: u64,
        last: bool,
        ends: bool,
    ) -> impl Future<Output = ()> + Send {
        self.room.hold(self.inner.run(tick, published, last, ends))
    }

    fn pass(&mut self, frame_number: u64, clock: Option<ClockId>) {
        self.inner.pass(frame_number, clock);
    }

    fn end(&mut self, tick: Option<TimedTick>) -> impl Future<Output = ()> + Send {
        self.room.hold(self.inner.end(tick))
    }
}

/// Memory for one future at a time.
struct Room {
    memory: NonNull<u8>,
    /// What was allocated; of size 0 while nothing was.
    layout: Layout,
}

// SAFETY: it owns its memory, into which nothing points but the one `Held` that borrows it.
unsafe impl Send for Room {}

impl Room {
    #[inline]
    fn hold<F: Future<Output = ()> + Send>(&mut self, future: F) -> Held<'_, F> {
        let layout = Layout::new::<F>();
        if layout.size() > self.layout.size() || layout.align() > self.layout.align() {
            self.grow(layout);
        }
        let place = self.memory.cast::<F>();
        // SAFETY: the memory is large and aligned enough for an F, and holds nothing: the `Held` of the
        // future before borrowed the room, so it is gone.
        unsafe { place.write(future) };
        Held {
            future: place,
            room: PhantomData,
        }
    }

    #[cold]
    fn grow(&mut self, wanted: Layout) {
        // Never less than before: futures of different sizes take turns.
        let size = wanted.size().max(self.layout.size()).max(1);
        let align = wanted.align().max(self.layout.align());
        let Ok(layout) = Layout::from_size_align(size, align) else {
            unreachable!("the size of one type fits the alignment of another");
        };
        self.free();
        // SAFETY: the size is not 0.
        let memory = unsafe { alloc(layout) };
        let Some(memory) = NonNull::new(memory) else {
            handle_alloc_error(layout)
        };
        (self.memory, self.layout) = (memory, layout);
    }

    fn free(&mut self) {
        if self.layout.size() > 0 {
            // SAFETY: `grow` allocated it with this layout, and no future is in it.
            unsafe { dealloc(self.memory.as_ptr(), self.layout) };
            self.layout = Layout::new::<()>();
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.free();
    }
}

/// A future in a room.
struct Held<'a, F> {
    future: NonNull<F>,
    room: PhantomData<&'a mut Room>,
}

// SAFETY: it owns the future, and `hold` makes it of futures that are Send only. (Without that bound here: the
// compiler need not look into every rest of the chain again.)
unsafe impl<F> Send for Held<'_, F> {}

impl<F: Future<Output = ()>> Future for Held<'_, F> {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Waking<'_>) -> Poll<()> {
        // SAFETY: `hold` wrote the future there; it stays there until it is dropped in place below.
        let future = unsafe { Pin::new_unchecked(self.future.as_mut()) };
        future.poll(cx)
    }
}

impl<F> Drop for Held<'_, F> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `hold` wrote the future there, and this is the only one that has it.
        unsafe { self.future.drop_in_place() };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Lets a future run to its end.
    fn run(future: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(future);
    }

    #[test]
    fn futures_of_any_size_take_turns_in_one_room() {
        let mut room = Apart::new(()).room;
        let count = Arc::new(());
        run(room.hold(async {}));
        for _ in 0..3 {
            let (small, large) = (Arc::clone(&count), Arc::clone(&count));
            run(room.hold(async move {
                tokio::task::yield_now().await;
                drop(small);
            }));
            let many = [7_u8; 4096];
            run(room.hold(async move {
                tokio::task::yield_now().await;
                assert_eq!(many.iter().map(|&n| u32::from(n)).sum::<u32>(), 7 * 4096);
                drop(large);
            }));
        }
        // A smaller one that is aligned more widely takes none of the room away.
        #[repr(align(128))]
        struct Wide(u8);
        let wide = Wide(7);
        run(room.hold(async move {
            // The whole of it is captured, and not its byte alone.
            let wide = wide;
            tokio::task::yield_now().await;
            assert_eq!(wide.0, 7);
        }));
        assert!(room.layout.size() >= 4096 && room.layout.align() >= 128);
        // One that is dropped before its end.
        let unfinished = Arc::clone(&count);
        drop(room.hold(async move { drop(unfinished) }));
        assert_eq!(Arc::strong_count(&count), 1);
    }
}
