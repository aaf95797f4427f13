//! A pool: the shelf that blocks go back to, and are taken from again.

use std::fmt;
use std::sync::Arc;
#[cfg(all(feature = "process", target_os = "linux"))]
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_queue::ArrayQueue;

use super::block::{Block, Home};
use super::{Buffer, Memory};
use crate::Result;

/// How many free blocks a pool keeps. A ring slot needs one for each holder that outlives its turn.
const SHELF: usize = 8;

/// Where buffers come from, and go back to when their last holder lets go.
///
/// Cloning a pool gives another handle to the same one. Taking from it and giving back never lock and,
/// once it has had as many blocks as are in use at a time, never allocate. It keeps up to 8 free
/// blocks; one more that comes back is freed.
///
/// A pool serves one size at a time: a free block that is met and is too small is freed, so that after
/// a change of size the old ones do not stay. Give each size a pool of its own.
///
/// ```
/// use streamlib::memory::Pool;
///
/// let pool = Pool::new();
/// let first = pool.take(1920 * 1080 * 3);
/// let address = first.as_ptr();
/// drop(first);
/// assert_eq!(pool.take(1920 * 1080 * 3).as_ptr(), address);
/// ```
#[derive(Clone)]
pub struct Pool {
    shelf: Arc<Shelf>,
}

impl Pool {
    /// An empty pool. It allocates blocks when they are first asked for.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shelf: Arc::new(Shelf {
                free: ArrayQueue::new(SHELF),
                #[cfg(all(feature = "process", target_os = "linux"))]
                is_shared: AtomicBool::new(false),
                memory: None,
            }),
        }
    }

    /// An empty pool of memory of another kind.
    #[must_use]
    pub fn of_memory(memory: impl Memory) -> Self {
        Self {
            shelf: Arc::new(Shelf {
                free: ArrayQueue::new(SHELF),
                #[cfg(all(feature = "process", target_os = "linux"))]
                is_shared: AtomicBool::new(false),
                memory: Some(Arc::new(memory)),
            }),
        }
    }

    /// From now on its new blocks can be shown to other processes; those that cannot are freed as they come back.
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub(crate) fn share(&self) {
        // Relaxed: a wish, which orders nothing.
        self.shelf.is_shared.store(true, Ordering::Relaxed);
    }

    /// A buffer of `len` bytes, held by the caller alone: a free block if there is one that is large
    /// enough, else a new one.
    ///
    /// The bytes of a new block are 0; those of a block that was used before are what they were.
    ///
    /// # Panics
    /// As `Vec` does, when the machine has no such memory. [`try_take`](Self::try_take) tells.
    #[must_use]
    pub fn take(&self, len: usize) -> Buffer {
        match self.try_take(len) {
            Ok(buffer) => buffer,
            Err(error) => panic!("{error}"),
        }
    }

    /// What [`take`](Self::take) does.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) when the machine cannot allocate `len` bytes.
    pub fn try_take(&self, len: usize) -> Result<Buffer> {
        let mut block = loop {
            match self.shelf.free.pop() {
                Some(block) if block.capacity() >= len => break block,
                Some(too_small) => drop(too_small),
                None => break self.shelf.new_block(len)?,
            }
        };
        block.home = Some(Home::Shelf(self.shelf.clone()));
        Ok(Buffer::hold(block, len))
    }

    /// Allocates blocks of `len` bytes ahead, so that so many are free, at most 8.
    ///
    /// # Errors
    /// As for [`try_take`](Self::try_take).
    pub fn reserve(&self, blocks: usize, len: usize) -> Result<()> {
        let taken: Result<Vec<Buffer>> =
            (0..blocks.min(SHELF)).map(|_| self.try_take(len)).collect();
        taken.map(drop) // which puts them on the shelf
    }

    /// How many blocks are free now, at most 8.
    #[must_use]
    pub fn free_blocks(&self) -> usize {
        self.shelf.free.len()
    }

    pub(super) fn of(shelf: &Arc<Shelf>) -> Self {
        Self {
            shelf: shelf.clone(),
        }
    }
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("free_blocks", &self.free_blocks())
            .finish()
    }
}

/// The free blocks of a pool. Every block in use owns the shelf it will go back to, so that it
/// outlives the pool's last handle if need be.
pub(super) struct Shelf {
    free: ArrayQueue<Box<Block>>,
    #[cfg(all(feature = "process", target_os = "linux"))]
    is_shared: AtomicBool,
    /// What blocks are made of, if not of the heap.
    memory: Option<Arc<dyn Memory>>,
}

impl Shelf {
    #[cfg(all(feature = "process", target_os = "linux"))]
    fn new_block(&self, len: usize) -> Result<Box<Block>> {
        if let Some(memory) = &self.memory {
            return Block::of_memory(memory, len);
        }
        // Relaxed: as in `Pool::share`.
        if self.is_shared.load(Ordering::Relaxed) || super::sharing::is_on() {
            // Where no more descriptors can be had, a block of the heap is copied on its way.
            if let Ok(block) = Block::shared(len) {
                return Ok(block);
            }
        }
        Block::zeroed(len)
    }

    #[cfg(not(all(feature = "process", target_os = "linux")))]
    fn new_block(&self, len: usize) -> Result<Box<Block>> {
        if let Some(memory) = &self.memory {
            return Block::of_memory(memory, len);
        }
        Block::zeroed(len)
    }

    /// Whether a card reads and writes its blocks by itself.
    #[cfg(feature = "gpu")]
    pub fn is_page_locked(&self) -> bool {
        self.memory
            .as_ref()
            .is_some_and(|memory| memory.is_page_locked())
    }

    /// Puts back a block that nobody holds any more, or frees it when the shelf is full.
    pub fn put_back(&self, block: Box<Block>) {
        #[cfg(all(feature = "process", target_os = "linux"))]
        // Relaxed: as in `Pool::share`.
        if self.is_shared.load(Ordering::Relaxed)
            && self.memory.is_none()
            && block.mapping().is_none()
        {
            return;
        }
        drop(self.free.push(block));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_block_is_zero_and_a_used_one_comes_back() {
        let pool = Pool::new();
        let mut buffer = pool.take(1000);
        assert!(buffer.iter().all(|&byte| byte == 0));
        buffer.make_mut().fill(7);
        let address = buffer.as_ptr();
        drop(buffer);
        assert_eq!(pool.free_blocks(), 1);
        let again = pool.take(500);
        assert_eq!((again.as_ptr(), again.len()), (address, 500));
        assert_eq!(pool.free_blocks(), 0);
    }

    #[test]
    fn keeps_eight() {
        let pool = Pool::new();
        let buffers: Vec<_> = (0..20).map(|_| pool.take(64)).collect();
        drop(buffers);
        assert_eq!(pool.free_blocks(), 8);
    }

    #[test]
    fn frees_blocks_of_a_size_that_is_no_longer_asked_for() {
        let pool = Pool::new();
        let small: Vec<_> = (0..8).map(|_| pool.take(64)).collect();
        drop(small);
        let large = pool.take(1 << 16);
        assert_eq!(pool.free_blocks(), 0);
        drop(large);
        assert_eq!(pool.free_blocks(), 1);
    }

    #[test]
    fn a_buffer_outlives_its_pool() {
        let pool = Pool::new();
        let mut kept = pool.take(64);
        drop(pool);
        kept.make_mut().fill(1);
        let clone = kept.clone();
        kept.make_mut().fill(2); // from the pool that only these buffers still own
        assert!(clone.iter().all(|&byte| byte == 1));
    }

    #[test]
    fn an_absurd_length_is_an_error() {
        assert!(Pool::new().try_take(usize::MAX).is_err());
    }
}
