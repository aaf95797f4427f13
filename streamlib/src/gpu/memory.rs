//! Memory of a card that knows who has filled it and who reads it, so that nobody ever has to wait for either.
//!
//! # The order of work on a block
//! A block has one event for what filled it last, and one for each stream that reads it. Whoever reads it lets its
//! stream wait for the first, on the card; whoever fills it lets its stream wait for those of all streams that have read
//! it since, and for the one who filled it before. The host waits for nothing: it has only put things in order.
//!
//! So what the ring gives back to its writer once all leases have ended may still be read on the card; what the writer
//! puts into its stream comes after that all the same. And it does not matter how the block came to be written again:
//! as a slot of a ring, out of a pool, or because its last clone was dropped.
//!
//! One event a stream suffices: work in a stream is in order, so the event that was recorded last comes after all that was
//! read in that stream before. Within one stream nothing waits at all.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::device::MOST_STREAMS;
use super::driver::Address;
use super::pool::Shelf;
use super::stream::Event;
use super::{Device, Stream};
use crate::{Error, Result};

/// In place of a stream's number: nothing was filled yet.
const NOBODY: u32 = u32::MAX;

/// A run of bytes on a card that many may hold and only one may fill.
///
/// Cloning counts a reference. Dropping the last one gives it back to its [pool](super::CardPool), also while the card
/// still reads it.
pub struct CardMemory {
    block: Arc<Block>,
    home: Option<Arc<Shelf>>,
    len: usize,
}

/// The bytes, and the events around them.
pub(super) struct Block {
    device: Device,
    address: Address,
    capacity: usize,
    /// How many [`CardMemory`]s hold it. (Not `Arc`'s own count, which the shelf has a part in.)
    holders: AtomicUsize,
    filled: Event,
    /// The stream that it was filled in last.
    filled_in: AtomicU32,
    /// For each stream, the event of what it read last.
    reads: [OnceLock<Event>; MOST_STREAMS],
    /// Bit i: stream i has read it since it was filled.
    read_in: AtomicU32,
    /// The card did not take note of somebody who uses it: it is never used again.
    is_lost: AtomicBool,
}

impl Block {
    pub fn new(device: &Device, capacity: usize) -> Result<Arc<Self>> {
        let filled = Event::new(device)?;
        Ok(Arc::new(Self {
            address: device.driver().allocate(capacity.max(1))?,
            device: device.clone(),
            capacity,
            holders: AtomicUsize::new(0),
            filled,
            filled_in: AtomicU32::new(NOBODY),
            reads: [const { OnceLock::new() }; MOST_STREAMS],
            read_in: AtomicU32::new(0),
            is_lost: AtomicBool::new(false),
        }))
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    fn is_filled_elsewhere(&self, stream: &Stream) -> bool {
        // Relaxed: whoever reads it was handed the memory by something that synchronises.
        let filled_in = self.filled_in.load(Ordering::Relaxed);
        filled_in != NOBODY && filled_in as usize != stream.index()
    }

    /// What `stream` is given from now on comes after the block was filled.
    fn after_filling(&self, stream: &Stream) -> Result<()> {
        if self.is_filled_elsewhere(stream) && !left_out(Wait::ForFilling) {
            self.filled.hold_up(stream)?;
        }
        Ok(())
    }

    /// What `stream` is given from now on comes after all that was read here.
    fn after_reading(&self, stream: &Stream) -> Result<()> {
        // Acquire: pairs with the Release in `note_read`.
        let read_in = self.read_in.load(Ordering::Acquire);
        for (index, read) in self.reads.iter().enumerate() {
            let has_read = read_in & 1 << index != 0 && index != stream.index();
            if let (true, Some(read)) = (has_read, read.get())
                && !left_out(Wait::ForReaders)
            {
                read.hold_up(stream)?;
            }
        }
        Ok(())
    }

    fn note_read(&self, stream: &Stream) -> Result<()> {
        let Some(read) = self.reads.get(stream.index()) else {
            return Err(Error::graph("a captured stream cannot hold memory"));
        };
        let read = match read.get() {
            Some(read) => read,
            None => {
                let event = Event::new(&self.device)?;
                read.get_or_init(|| event)
            }
        };
        read.record(stream)?;
        // Release: pairs with the Acquire in `after_reading`.
        self.read_in
            .fetch_or(1 << stream.index(), Ordering::Release);
        Ok(())
    }

    fn note_filled(&self, stream: &Stream) -> Result<()> {
        self.filled.record(stream)?;
        // Relaxed: nobody else has the memory until it is handed on, which synchronises.
        self.filled_in
            .store(stream.index() as u32, Ordering::Relaxed);
        self.read_in.store(0, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // At the end of a graph, or when sizes change. What is still under way uses it.
        let mut done = self.filled.synchronize();
        for read in self.reads.iter().filter_map(OnceLock::get) {
            done = done.and(read.synchronize());
        }
        if done.is_err() || *self.is_lost.get_mut() {
            return; // who knows what the card still does with it
        }
        // SAFETY: it came from `allocate`, all that was put into streams with it has recorded an event, and those are done.
        unsafe { self.device.driver().free(self.address) };
    }
}

impl CardMemory {
    /// Memory of its own, of no pool.
    ///
    /// # Errors
    /// When the card has not so much.
    pub fn new(device: &Device, len: usize) -> Result<Self> {
        Ok(Self::hold(Block::new(device, len)?, len, None))
    }

    /// The first hold on a block that nobody holds.
    pub(super) fn hold(block: Arc<Block>, len: usize, home: Option<Arc<Shelf>>) -> Self {
        // Relaxed: it was handed over by the shelf's queue, which synchronises.
        block.holders.store(1, Ordering::Relaxed);
        Self { block, home, len }
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The card that it is on.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.block.device
    }

    /// Whether both are the same memory.
    #[must_use]
    pub fn shares_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.block, &other.block)
    }

    /// Whether nobody else holds it.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        // Acquire: pairs with the Release in every other holder's drop; what they noted comes before.
        self.block.holders.load(Ordering::Acquire) == 1
    }

    /// Lets what is put into `stream` while the result lives read the memory. Begins, on the card, when what fills it is
    /// done; the next who fills it waits, on the card, until this is.
    ///
    /// # Errors
    /// A stream of another card; what went wrong on the card.
    pub fn read<'a>(&'a self, stream: &'a Stream) -> Result<Reading<'a>> {
        self.check_device(stream)?;
        self.block.after_filling(stream)?;
        Ok(Reading {
            memory: self,
            stream,
        })
    }

    /// Lets what is put into `stream` while the result lives fill the memory. Begins, on the card, when what reads it
    /// is done.
    ///
    /// # Errors
    /// Memory that others hold, which they may be reading; a stream of another card; what went wrong on the card.
    pub fn fill<'a>(&'a mut self, stream: &'a Stream) -> Result<Writing<'a>> {
        self.check_device(stream)?;
        if !self.is_unique() {
            return Err(Error::graph(
                "memory of a card that others hold cannot be filled: take other memory from its pool",
            ));
        }
        self.block.after_reading(stream)?;
        self.block.after_filling(stream)?;
        Ok(Writing {
            memory: self,
            stream,
        })
    }

    fn check_device(&self, stream: &Stream) -> Result<()> {
        if self.block.device.is(stream.device()) {
            return Ok(());
        }
        Err(Error::graph(format_args!(
            "memory of {:?} was used in a stream of {:?}: one graph works on one card",
            self.block.device,
            stream.device()
        )))
    }

    fn lose(&self, error: &Error) {
        // Relaxed: it is looked at when the last holder is gone.
        self.block.is_lost.store(true, Ordering::Relaxed);
        tracing::error!("the card took no note of who uses its memory, which is given up: {error}");
    }
}

impl Clone for CardMemory {
    fn clone(&self) -> Self {
        // Relaxed: whoever clones holds it already.
        self.block.holders.fetch_add(1, Ordering::Relaxed);
        Self {
            block: Arc::clone(&self.block),
            home: self.home.clone(),
            len: self.len,
        }
    }
}

impl Drop for CardMemory {
    fn drop(&mut self) {
        // AcqRel: what each holder noted comes before whatever the next one does.
        let was = self.block.holders.fetch_sub(1, Ordering::AcqRel);
        // Relaxed: set by a holder, and the count synchronises.
        let is_lost = self.block.is_lost.load(Ordering::Relaxed);
        if let (1, Some(home), false) = (was, &self.home, is_lost) {
            home.put_back(Arc::clone(&self.block));
        }
    }
}

impl fmt::Debug for CardMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardMemory")
            .field("len", &self.len)
            .field("device", &self.block.device)
            .finish_non_exhaustive()
    }
}

/// Memory that a stream reads: [`CardMemory::read`]. Dropped, it notes that what was put into the stream reads it.
#[derive(Debug)]
#[must_use = "what is put into the stream after this is dropped may come too late"]
pub struct Reading<'a> {
    memory: &'a CardMemory,
    stream: &'a Stream,
}

impl Reading<'_> {
    /// Where it is.
    #[must_use]
    pub fn address(&self) -> Address {
        self.memory.block.address
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.memory.block.note_read(self.stream) {
            self.memory.lose(&error);
        }
    }
}

/// Memory that a stream fills: [`CardMemory::fill`]. Dropped, it notes that what was put into the stream fills it.
#[derive(Debug)]
#[must_use = "what is put into the stream after this is dropped may come too late"]
pub struct Writing<'a> {
    memory: &'a mut CardMemory,
    stream: &'a Stream,
}

impl Writing<'_> {
    /// Where it is.
    #[must_use]
    pub fn address(&self) -> Address {
        self.memory.block.address
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.memory.block.note_filled(self.stream) {
            self.memory.lose(&error);
        }
    }
}

/// What is waited for; a test leaves one out and sees that frames tear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// A reader's, for what fills the memory; and so the next filler's.
    ForFilling,
    /// A filler's, for those who read the memory.
    ForReaders,
}

#[cfg(test)]
thread_local! {
    pub(super) static LEFT_OUT: std::cell::Cell<Option<Wait>> = const { std::cell::Cell::new(None) };
}

fn left_out(wait: Wait) -> bool {
    #[cfg(test)]
    return LEFT_OUT.get() == Some(wait);
    #[cfg(not(test))]
    {
        let _ = wait;
        false
    }
}
