//! The atomics and cells that lock-free code is built on: std's, or loom's under `--cfg streamlib_loom`.
//!
//! The cfg is our own because tokio changes its face under `--cfg loom`.

#[cfg(streamlib_loom)]
pub(crate) use self::promised::AtomicWaker;
#[cfg(streamlib_loom)]
pub(crate) use loom::{
    cell::{ConstPtr, MutPtr, UnsafeCell},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering, fence},
    },
};

#[cfg(not(streamlib_loom))]
pub(crate) use self::plain::{MutPtr, UnsafeCell};
#[cfg(not(streamlib_loom))]
pub(crate) use atomic_waker::AtomicWaker;
#[cfg(not(streamlib_loom))]
pub(crate) use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering, fence},
};

/// What the crate atomic-waker promises, for loom, which cannot look into it.
#[cfg(streamlib_loom)]
mod promised {
    use std::task::Waker;

    #[derive(Debug, Default)]
    pub(crate) struct AtomicWaker(loom::sync::Mutex<Option<Waker>>);

    impl AtomicWaker {
        pub(crate) fn register(&self, waker: &Waker) {
            let mut registered = self.0.lock().expect("nobody panics with it");
            *registered = Some(waker.clone());
        }

        pub(crate) fn wake(&self) {
            let registered = self.0.lock().expect("nobody panics with it").take();
            if let Some(waker) = registered {
                waker.wake();
            }
        }
    }
}

/// Std's `UnsafeCell` behind the face of loom's, whose pointers are guards: loom reports whoever
/// else touches the cell while one lives. Here they are bare pointers and cost nothing.
#[cfg(not(streamlib_loom))]
mod plain {
    use std::ptr::NonNull;

    #[repr(transparent)]
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(std::cell::UnsafeCell::new(value))
        }

        /// What `read` makes of a pointer to read through.
        #[inline(always)]
        pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
            read(self.0.get())
        }

        /// A pointer to write through.
        #[inline(always)]
        pub(crate) fn get_mut(&self) -> MutPtr<T> {
            // SAFETY: the address of a cell that exists is never null.
            MutPtr(unsafe { NonNull::new_unchecked(self.0.get()) })
        }
    }

    pub(crate) struct MutPtr<T>(NonNull<T>);

    impl<T> MutPtr<T> {
        /// # Safety
        /// The cell lives, and nobody else reads or writes it, as long as the reference does.
        #[inline(always)]
        #[allow(clippy::mut_from_ref)] // the face of loom's
        pub(crate) unsafe fn deref(&self) -> &mut T {
            // SAFETY: promised by the caller.
            unsafe { &mut *self.0.as_ptr() }
        }
    }
}
