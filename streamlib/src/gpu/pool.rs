//! Where memory of a card comes from, and goes back to.

use std::fmt;
use std::sync::Arc;

use crossbeam_queue::ArrayQueue;

use super::memory::Block;
use super::{CardMemory, Device};
use crate::Result;

/// How many free blocks a pool keeps.
const SHELF: usize = 32;

/// Memory of a card, used again and again. Clones are the same pool.
///
/// What comes back first is taken first: the card is most likely done with it.
#[derive(Clone)]
pub struct CardPool {
    device: Device,
    shelf: Arc<Shelf>,
}

/// The free blocks.
pub(super) struct Shelf {
    free: ArrayQueue<Arc<Block>>,
    /// Those that turned out to be too small: to give memory back waits for the card, and so is left to the end.
    small: ArrayQueue<Arc<Block>>,
}

impl Shelf {
    /// Takes back a block that nobody holds; one too many is freed.
    pub fn put_back(&self, block: Arc<Block>) {
        drop(self.free.push(block));
    }
}

impl CardPool {
    /// An empty pool.
    #[must_use]
    pub fn new(device: &Device) -> Self {
        Self {
            device: device.clone(),
            shelf: Arc::new(Shelf {
                free: ArrayQueue::new(SHELF),
                small: ArrayQueue::new(SHELF),
            }),
        }
    }

    /// Allocates `blocks` of `len` bytes ahead: on a tick it might wait for the card.
    ///
    /// # Errors
    /// When the card has not so much.
    pub fn reserve(&self, blocks: usize, len: usize) -> Result<()> {
        for _ in self.shelf.free.len()..blocks.min(SHELF) {
            self.shelf.put_back(Block::new(&self.device, len)?);
        }
        Ok(())
    }

    /// Memory of `len` bytes that nobody else holds. What is in it is unspecified, and the card may read it still:
    /// what is filled in comes after that. Blocks that are too small are kept until the pool is dropped, or the card has no memory
    /// for others.
    ///
    /// # Errors
    /// When the card has not so much.
    pub fn take(&self, len: usize) -> Result<CardMemory> {
        let block = loop {
            match self.shelf.free.pop() {
                Some(block) if block.capacity() >= len => break block,
                // Err: there are so many that one more is given back.
                Some(too_small) => drop(self.shelf.small.push(too_small)),
                None => break self.allocate(len)?,
            }
        };
        Ok(CardMemory::hold(block, len, Some(Arc::clone(&self.shelf))))
    }

    /// A new block, if need be in place of those that are too small.
    fn allocate(&self, len: usize) -> Result<Arc<Block>> {
        let block = Block::new(&self.device, len);
        if block.is_ok() || self.shelf.small.is_empty() {
            return block;
        }
        while self.shelf.small.pop().is_some() {}
        Block::new(&self.device, len)
    }

    /// How many blocks are free.
    #[must_use]
    pub fn free_blocks(&self) -> usize {
        self.shelf.free.len()
    }

    /// The card that it is of.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }
}

impl fmt::Debug for CardPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardPool")
            .field("device", &self.device)
            .field("free_blocks", &self.free_blocks())
            .finish()
    }
}
