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
/// The same: something fills it, of which the card has not taken note yet, or never did.
const UNKNOWN: u32 = u32::MAX - 1;

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
    /// How many [`Reading`]s have not been noted yet. One that is leaked never is.
    being_read: AtomicUsize,
    /// The card did not take note of somebody who uses it: it is never used again.
    is_lost: AtomicBool,
}

impl Block {
    pub fn new(device: &Device, capacity: usize) -> Result<Arc<Self>> {
        let filled = Event::new(device)?;
        Ok(Arc::new(Self {
            address: device.allocate(capacity.max(1))?,
            device: device.clone(),
            capacity,
            holders: AtomicUsize::new(0),
            filled,
            filled_in: AtomicU32::new(NOBODY),
            reads: [const { OnceLock::new() }; MOST_STREAMS],
            read_in: AtomicU32::new(0),
            being_read: AtomicUsize::new(0),
            is_lost: AtomicBool::new(false),
        }))
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether it is known when what fills it is done.
    fn check_filled(&self) -> Result<()> {
        // Relaxed: whoever asks was handed the memory by something that synchronises.
        if self.filled_in.load(Ordering::Relaxed) == UNKNOWN {
            return Err(Error::graph(
                "the card took no note of what filled this memory, so nobody can wait for it: fill other memory",
            ));
        }
        Ok(())
    }

    /// What `stream` is given from now on comes after the block was filled.
    fn after_filling(&self, stream: &Stream) -> Result<()> {
        self.check_filled()?;
        // Relaxed: as above.
        let filled_in = self.filled_in.load(Ordering::Relaxed);
        let is_elsewhere = filled_in != NOBODY && filled_in as usize != stream.index();
        if is_elsewhere && !left_out(Wait::ForFilling) {
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

    /// Whether somebody may use it of whom the card took no note, when nobody holds it any more, or one alone.
    fn is_lost(&self) -> bool {
        // Relaxed, all of them: set by holders, and the count of these synchronises.
        self.is_lost.load(Ordering::Relaxed)
            || self.filled_in.load(Ordering::Relaxed) == UNKNOWN
            || self.being_read.load(Ordering::Relaxed) != 0
    }

    fn note_read(&self, stream: &Stream) -> Result<()> {
        let Some(read) = self.reads.get(stream.index()) else {
            return Err(of_no_stream());
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
        let noted = self.filled.record(stream);
        let filled_in = match noted {
            Ok(()) => stream.index() as u32,
            Err(_) => UNKNOWN,
        };
        // Relaxed: nobody else has the memory until it is handed on, which synchronises.
        self.filled_in.store(filled_in, Ordering::Relaxed);
        if noted.is_ok() {
            self.read_in.store(0, Ordering::Relaxed);
        }
        noted
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // At the end of a graph, or when sizes change. What is still under way uses it.
        let mut reads = self.reads.iter().filter_map(OnceLock::get);
        if self.is_lost() || !self.filled.settle() || !reads.all(Event::settle) {
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
    /// A stream of another card; memory of which it is not known when it is filled; what went wrong on the card.
    pub fn read<'a>(&'a self, stream: &'a Stream) -> Result<Reading<'a>> {
        self.check_device(stream)?;
        self.block.after_filling(stream)?;
        // Relaxed: as in `is_lost`.
        self.block.being_read.fetch_add(1, Ordering::Relaxed);
        Ok(Reading {
            memory: self,
            stream,
            is_noted: false,
        })
    }

    /// Lets what is put into `stream` while the result lives fill the memory. Begins, on the card, when what reads it
    /// is done.
    ///
    /// # Errors
    /// Memory that others hold, which they may be reading; a stream of another card; what went wrong on the card.
    pub fn fill<'a>(&'a mut self, stream: &'a Stream) -> Result<Writing<'a>> {
        self.begin_filling(stream)?;
        Ok(Writing {
            memory: self,
            stream,
            is_noted: false,
        })
    }

    /// What is put into `stream` from now on fills it, until [`end_filling`](Self::end_filling), which must follow.
    pub(crate) fn begin_filling(&mut self, stream: &Stream) -> Result<()> {
        self.check_device(stream)?;
        if !self.is_unique() {
            return Err(Error::graph(
                "memory of a card that others hold cannot be filled: take other memory from its pool",
            ));
        }
        if self.is_given_up() {
            return Err(Error::graph(
                "memory that a card may use without anybody's knowing cannot be filled: take other memory from its pool",
            ));
        }
        self.block.after_reading(stream)?;
        self.block.after_filling(stream)?;
        // Until the end is noted, and for ever if the hold on it is leaked. Relaxed: as in `note_filled`.
        self.block.filled_in.store(UNKNOWN, Ordering::Relaxed);
        Ok(())
    }

    /// Notes that what was put into `stream` since fills it. Where the card takes no note, the memory is given up, and
    /// whoever asks to read it is refused.
    pub(crate) fn end_filling(&mut self, stream: &Stream) -> Result<()> {
        self.block
            .note_filled(stream)
            .inspect_err(|_| self.give_up())
    }

    /// Whether it is known when what fills it is done; where it is not, nobody can read it.
    ///
    /// # Errors
    /// That it is not.
    pub fn check_filled(&self) -> Result<()> {
        self.block.check_filled()
    }

    /// Whether it was given up: it may be in use without the card's knowing.
    pub(super) fn is_given_up(&self) -> bool {
        self.block.is_lost()
    }

    fn note_read(&self, stream: &Stream) -> Result<()> {
        let noted = self.block.note_read(stream).inspect_err(|_| self.give_up());
        // Relaxed: as in `is_lost`.
        self.block.being_read.fetch_sub(1, Ordering::Relaxed);
        noted
    }

    /// Where it begins.
    pub(crate) fn address(&self) -> Address {
        self.block.address
    }

    fn check_device(&self, stream: &Stream) -> Result<()> {
        if self.block.device.is(stream.device()) {
            return match stream.index() < MOST_STREAMS {
                true => Ok(()),
                false => Err(of_no_stream()),
            };
        }
        Err(Error::graph(format_args!(
            "memory of {:?} was used in a stream of {:?}: one graph works on one card",
            self.block.device,
            stream.device()
        )))
    }

    /// It is not used again: somebody uses it of whom the card took no note.
    fn give_up(&self) {
        // Relaxed: it is looked at when the last holder is gone.
        self.block.is_lost.store(true, Ordering::Relaxed);
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
        if was == 1
            && let Some(home) = &self.home
            && !self.block.is_lost()
        {
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

/// Memory that a stream reads: [`CardMemory::read`]. [`done`](Self::done) notes that what was put into the stream reads
/// it. So does dropping it, which can only log what goes wrong; the memory is then given up.
#[derive(Debug)]
#[must_use = "what is put into the stream after this is dropped may come too late"]
pub struct Reading<'a> {
    memory: &'a CardMemory,
    stream: &'a Stream,
    is_noted: bool,
}

impl Reading<'_> {
    /// Where it is.
    #[must_use]
    pub fn address(&self) -> Address {
        self.memory.address()
    }

    /// How many bytes it has.
    pub(super) fn len(&self) -> usize {
        self.memory.len()
    }

    /// The stream that it is held for.
    #[must_use]
    pub fn stream(&self) -> &Stream {
        self.stream
    }

    /// All that reads it has been put into the stream.
    ///
    /// # Errors
    /// When the card takes no note of it.
    pub fn done(mut self) -> Result<()> {
        self.is_noted = true;
        self.memory.note_read(self.stream)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if !self.is_noted
            && let Err(error) = self.memory.note_read(self.stream)
        {
            given_up(&error);
        }
    }
}

/// Memory that a stream fills: [`CardMemory::fill`]. [`done`](Self::done) notes that what was put into the stream fills
/// it. So does dropping it, which can only log what goes wrong; nobody can read the memory then.
#[derive(Debug)]
#[must_use = "what is put into the stream after this is dropped may come too late"]
pub struct Writing<'a> {
    memory: &'a mut CardMemory,
    stream: &'a Stream,
    is_noted: bool,
}

impl Writing<'_> {
    /// Where it is.
    #[must_use]
    pub fn address(&self) -> Address {
        self.memory.address()
    }

    /// How many bytes it has.
    pub(super) fn len(&self) -> usize {
        self.memory.len()
    }

    /// The stream that it is held for.
    #[must_use]
    pub fn stream(&self) -> &Stream {
        self.stream
    }

    /// All that fills it has been put into the stream.
    ///
    /// # Errors
    /// When the card takes no note of it.
    pub fn done(mut self) -> Result<()> {
        self.is_noted = true;
        self.memory.end_filling(self.stream)
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if !self.is_noted
            && let Err(error) = self.memory.end_filling(self.stream)
        {
            given_up(&error);
        }
    }
}

/// What is captured is replayed in any stream: memory is held where that is.
fn of_no_stream() -> Error {
    Error::graph(
        "memory cannot be held for a stream that is being captured: hold it for the one that replays",
    )
}

/// Says what cannot be returned.
pub(crate) fn given_up(error: &Error) {
    tracing::error!("the card took no note of who uses its memory, which is given up: {error}");
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
