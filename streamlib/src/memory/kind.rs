//! Memory of another kind than the heap's.

use std::ptr::NonNull;

use crate::Result;

/// Where the blocks of a [pool](super::Pool::of_memory) come from, if not from the heap.
///
/// # Safety
/// What `allocate` returns is `len` initialised bytes that start on a multiple of 64, belong to the caller alone, and can be read and
/// written until they are given to `free`.
pub unsafe trait Memory: Send + Sync + 'static {
    /// `len` bytes, a multiple of 64 and not 0.
    ///
    /// # Errors
    /// When there is not so much.
    fn allocate(&self, len: usize) -> Result<NonNull<u8>>;

    /// Takes them back.
    ///
    /// # Safety
    /// They came from `allocate`, as many, and nobody uses them any more.
    unsafe fn free(&self, bytes: NonNull<u8>, len: usize);

    /// Whether a card reads and writes them by itself.
    fn is_page_locked(&self) -> bool {
        false
    }
}
