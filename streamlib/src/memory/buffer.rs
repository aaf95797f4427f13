//! A buffer: a counted hold on a block.
//!
//! How the count is ordered. A clone adds 1, Relaxed: whoever clones holds the block already, so it
//! cannot go away meanwhile, and the new holder is handed to another thread by something that
//! synchronises by itself. A drop takes 1 away, Release: all that this holder read (or wrote) happens
//! before it. Two places need to see that all the others are done, and pair with it by Acquire: the last
//! drop, before the block goes back to be written by somebody else; and the look at the count that finds
//! 1, before the only holder left writes. The count cannot rise behind that look: only a holder can
//! clone, and the only one is borrowed mutably.

use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

use super::Pool;
use super::block::{Block, Home};
use crate::Result;

/// More holders than there can be; past it the count might wrap round, and a block be freed in use.
const MAX_HOLDERS: usize = isize::MAX as usize;

/// Bytes that many may hold and only one may change; the memory of a picture or of sound.
///
/// Cloning counts a reference. Dropping the last one gives the block back to its [`Pool`]. The bytes
/// start on a cache line (64 bytes) and are always initialised.
///
/// ```
/// use streamlib::memory::Pool;
///
/// let mut buffer = Pool::new().take(4);
/// buffer.make_mut().copy_from_slice(b"bars");
///
/// let reader = buffer.clone();
/// assert!(buffer.as_mut_slice().is_none()); // somebody reads it
/// buffer.make_mut()[0] = b'c'; // so this writes to a copy
/// assert_eq!((&*buffer, &*reader), (&b"cars"[..], &b"bars"[..]));
/// ```
#[derive(Default)]
pub struct Buffer {
    /// `None`: no bytes, and no pool yet.
    block: Option<NonNull<Block>>,
    /// At most the block's capacity.
    len: usize,
}

// SAFETY: a buffer is a shared hold on a `Block`, which is `Send + Sync`; its bytes are written through
// a unique hold only, and a hold becomes unique only after all others were released (see above).
unsafe impl Send for Buffer {}
// SAFETY: as above: `&Buffer` gives shared access only.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// A buffer of no bytes, which makes itself a pool on its first [`reset`](Self::reset). Making it
    /// allocates nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            block: None,
            len: 0,
        }
    }

    /// The first hold on `block`, of whose bytes it shows `len`.
    pub(super) fn hold(mut block: Box<Block>, len: usize) -> Self {
        assert!(
            len <= block.capacity(),
            "a buffer of {len} bytes in a block of {}",
            block.capacity()
        );
        *block.holders.get_mut() = 1;
        Self {
            block: Some(NonNull::from(Box::leak(block))),
            len,
        }
    }

    pub(super) fn block(&self) -> Option<&Block> {
        // SAFETY: this hold is counted, so the block is neither freed nor borrowed exclusively.
        self.block.map(|block| unsafe { block.as_ref() })
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        match self.block() {
            // SAFETY: `len` initialised bytes lie there, and nobody of this process writes while this hold is
            // shared: a writer needs it mutably, or needs it to be gone. (Another process that has lent them may
            // write all the same, against what was agreed: bytes that change while they are looked at, which is why
            // nothing but pixels and samples, of which any value is one, is read from there as it stands.)
            Some(block) => unsafe { std::slice::from_raw_parts(block.bytes().as_ptr(), self.len) },
            None => &[],
        }
    }

    /// The bytes for writing, if nobody else holds them.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> Option<&mut [u8]> {
        if !self.is_unique() {
            return None;
        }
        Some(match self.block() {
            // SAFETY: `len` initialised bytes lie there; this is the only hold, it is borrowed
            // mutably, and so no other can be made of it while the slice lives.
            Some(block) => unsafe {
                std::slice::from_raw_parts_mut(block.bytes().as_ptr(), self.len)
            },
            None => &mut [],
        })
    }

    /// The bytes for writing. When somebody else holds them too, this first moves to a copy of them in
    /// a block from the pool, and the others keep what they have.
    ///
    /// # Panics
    /// As `Vec` does, when a copy is needed and the machine has no memory for it.
    pub fn make_mut(&mut self) -> &mut [u8] {
        if !self.is_unique() {
            let mut own = self.pool().take(self.len);
            own.writable().copy_from_slice(self);
            *self = own;
        }
        self.writable()
    }

    /// Makes this a buffer of `len` bytes for writing: in the block it has, when nobody else holds it
    /// and it is large enough, else in another one from its pool. What the bytes are is unspecified.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) when the machine cannot allocate `len` bytes; the
    /// buffer is then unchanged.
    pub fn reset(&mut self, len: usize) -> Result<&mut [u8]> {
        if self.is_unique() && len <= self.capacity() {
            self.len = len;
        } else {
            *self = self.pool().try_take(len)?;
        }
        Ok(self.writable())
    }

    /// Whether nobody else holds these bytes. While that is so only the caller can change it, by
    /// cloning. What another process has lent is held by that one too.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        // Acquire: pairs with the Release in every other holder's drop; what they read comes before
        // what the caller writes next.
        self.block()
            .is_none_or(|block| block.holders.load(Ordering::Acquire) == 1 && block.is_writable())
    }

    /// Whether both hold the same bytes: nothing was copied between them.
    #[must_use]
    pub fn shares_with(&self, other: &Self) -> bool {
        self.block.is_some() && self.block == other.block
    }

    /// The most bytes that this buffer's block holds.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.block().map_or(0, Block::capacity)
    }

    /// The pool that these bytes go back to; a new one for a buffer that has none yet, or that another
    /// process has lent.
    #[must_use]
    pub fn pool(&self) -> Pool {
        match self.block().and_then(|block| block.home.as_ref()) {
            Some(Home::Shelf(shelf)) => Pool::of(shelf),
            _ => Pool::new(),
        }
    }

    /// Whether these bytes are memory that a card reads and writes by itself.
    #[cfg(feature = "gpu")]
    pub(crate) fn is_page_locked(&self) -> bool {
        match self.block().and_then(|block| block.home.as_ref()) {
            Some(Home::Shelf(shelf)) => shelf.is_page_locked(),
            _ => false,
        }
    }

    /// The bytes as 32-bit floats in the machine's byte order; up to 3 bytes at the end that make no
    /// whole one are left out.
    #[must_use]
    pub fn as_f32(&self) -> &[f32] {
        // SAFETY: every 4 initialised bytes are a valid `f32`. A block starts on a cache line, so nothing
        // is left out before the first.
        unsafe { self.as_slice().align_to().1 }
    }

    /// The bytes as 32-bit floats for writing, copied first when somebody else holds them, as
    /// [`make_mut`](Self::make_mut) does.
    pub fn make_mut_f32(&mut self) -> &mut [f32] {
        let bytes = self.make_mut();
        // SAFETY: every 4 initialised bytes are a valid `f32` and the other way round. A block starts on
        // a cache line, so nothing is left out before the first.
        unsafe { bytes.align_to_mut().1 }
    }

    fn writable(&mut self) -> &mut [u8] {
        self.as_mut_slice().unwrap_or_default()
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        if let Some(block) = self.block() {
            // Relaxed: see the top of the file.
            let before = block.holders.fetch_add(1, Ordering::Relaxed);
            if before > MAX_HOLDERS {
                std::process::abort(); // as `Arc` does: only a program that forgets holds gets here
            }
        }
        Self {
            block: self.block,
            len: self.len,
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let Some(block) = self.block else { return };
        // Through the bare pointer: once the count has fallen another thread may own the block.
        // SAFETY: this hold is counted until the line below, so the header is there.
        let holders: *const AtomicUsize = unsafe { &raw const (*block.as_ptr()).holders };
        // SAFETY: as above. Release: pairs with the Acquire below and with the one in `is_unique`.
        if unsafe { (*holders).fetch_sub(1, Ordering::Release) } != 1 {
            return;
        }
        // Acquire: pairs with the Release above in all the other holders' drops; what they read comes
        // before whatever is written to the block by whoever takes it next.
        fence(Ordering::Acquire);
        // SAFETY: it was the last hold on a block that `hold` leaked from a box.
        let mut block = unsafe { Box::from_raw(block.as_ptr()) };
        match block.home.take() {
            Some(Home::Shelf(shelf)) => shelf.put_back(block),
            #[cfg(all(feature = "process", target_os = "linux"))]
            Some(Home::Lender(returns)) => returns.put_back(block),
            None => {}
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { len, .. } = self;
        f.debug_struct("Buffer")
            .field("len", len)
            .field("is_unique", &self.is_unique())
            .finish_non_exhaustive()
    }
}
