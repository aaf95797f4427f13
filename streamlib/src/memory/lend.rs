//! Blocks on loan between two processes: numbers for them, and who has which.
//!
//! One side is the [`Lender`], the other the [`Borrower`]; in the other direction it is the other way round. A block gets a
//! number when it is first lent, with which its descriptor travels; from then on the number is enough. A number is lent
//! once at a time: a block that is lent again before it has come back gets another one. What is lent stays held here,
//! so that when the borrower dies, all that it had is let go by dropping the lender.
//!
//! The borrower believes nothing: a number that it does not know or already has, a file that could shrink, or more
//! bytes than there are, is an error, after which the lender is not listened to any more.

use std::sync::{Arc, Weak};

use crossbeam_queue::ArrayQueue;

use super::block::{Block, Home};
use super::mapping::{Access, Mapping};
use super::{Buffer, Pool};
use crate::{Error, Result};

/// How many blocks may be known in one direction at a time.
pub(crate) const MOST_BLOCKS: usize = 240;
/// The most bytes that the blocks may have that are known in one direction.
pub(crate) const MOST_BYTES: u64 = 2 << 30;

/// What one side has lent.
pub(crate) struct Lender {
    entries: Vec<Entry>,
    /// The blocks whose descriptors are to go before the numbers do; none where a number is to mean nothing any more.
    news: Vec<(u8, Option<Arc<Mapping>>)>,
    /// What is in the message that is being written.
    under_way: Vec<u8>,
    /// The last block of the heap that was lent, and what it was copied to.
    copy: Option<(Buffer, Buffer)>,
    pool: Pool,
    copied: u64,
    turn: u64,
    /// The most bytes that may be known on the other side.
    most: u64,
}

#[derive(Default)]
struct Entry {
    /// The block that the other side knows by this number; 0 for none.
    serial: u64,
    mapping: Weak<Mapping>,
    /// How many bytes that has.
    len: u64,
    /// How many the one has of which the other side was told last.
    told: u64,
    lent: Option<Buffer>,
    /// When it was lent last.
    turn: u64,
}

impl Lender {
    pub fn new() -> Self {
        let pool = Pool::new();
        pool.share();
        Self {
            entries: Vec::with_capacity(MOST_BLOCKS),
            news: Vec::with_capacity(MOST_BLOCKS),
            under_way: Vec::with_capacity(MOST_BLOCKS),
            copy: None,
            pool,
            copied: 0,
            turn: 0,
            most: MOST_BYTES,
        }
    }

    /// Lends no more than so many bytes at a time, which is what the other side takes.
    pub fn limit(&mut self, most: u64) {
        self.most = most.min(MOST_BYTES);
    }

    /// Lends the block of `buffer`, which is held here until it comes back.
    ///
    /// # Errors
    /// When the other side has as many as there may be, and gives none back; or there is no memory for a copy.
    pub fn lend(&mut self, buffer: &Buffer) -> Result<u8> {
        if let Some(mapping) = buffer.block().and_then(Block::mapping) {
            return self.lend_shared(buffer, &Arc::clone(mapping));
        }
        let copy = self.shared_copy(buffer)?;
        match copy.block().and_then(Block::mapping) {
            Some(mapping) => self.lend_shared(&copy, &Arc::clone(mapping)),
            None => Err(Error::other(
                "no shared memory can be had: the program has too many files open",
            )),
        }
    }

    fn lend_shared(&mut self, buffer: &Buffer, mapping: &Arc<Mapping>) -> Result<u8> {
        let is_known = |entry: &Entry| entry.serial == mapping.serial() && entry.lent.is_none();
        let number = match self.entries.iter().position(is_known) {
            Some(number) => number,
            None => {
                let len = mapping.len() as u64;
                let number = self.vacant(len)?;
                self.entries[number].len = len;
                self.entries[number].serial = mapping.serial();
                self.entries[number].mapping = Arc::downgrade(mapping);
                self.news.retain(|(new, _)| usize::from(*new) != number);
                self.news.push((number as u8, Some(Arc::clone(mapping))));
                number
            }
        };
        self.turn += 1;
        self.entries[number].turn = self.turn;
        self.entries[number].lent = Some(buffer.clone());
        self.under_way.push(number as u8);
        Ok(number as u8)
    }

    /// What was lent since the last call is really on its way, or else is not and never was.
    pub fn settle(&mut self, is_sent: bool) {
        for number in self.under_way.drain(..) {
            if !is_sent {
                self.entries[usize::from(number)].lent = None;
            }
        }
    }

    /// A number for another block of `len` bytes: of one that is gone, a new one, or that of the block that was lent longest
    /// ago, of which the other side forgets what it knew by it. Where one of them is not room enough, it forgets several.
    fn vacant(&mut self, len: u64) -> Result<usize> {
        self.has_room(len)?;
        loop {
            let known: u64 = self.entries.iter().map(|entry| entry.len).sum();
            // Those that the other side has let go.
            let idle =
                || (self.entries.iter().enumerate()).filter(|(_, entry)| entry.lent.is_none());
            let fits = |entry: &Entry| known - entry.len + len <= self.most;
            // Those that are gone before those that may be lent again.
            let order = |entry: &Entry| (entry.mapping.strong_count() > 0, entry.turn);
            let first = (idle().filter(|(_, entry)| fits(entry))).min_by_key(|(_, it)| order(it));
            let may_grow = self.entries.len() < MOST_BLOCKS && known + len <= self.most;
            match first {
                Some((number, entry)) if !may_grow || entry.mapping.strong_count() == 0 => {
                    return Ok(number);
                }
                _ if may_grow => {
                    self.entries.push(Entry::default());
                    return Ok(self.entries.len() - 1);
                }
                _ => {}
            }
            let known = idle().filter(|(_, entry)| entry.len > 0);
            let Some((number, _)) = known.min_by_key(|(_, entry)| order(entry)) else {
                return Err(self.too_many());
            };
            let entry = &mut self.entries[number];
            (entry.serial, entry.len, entry.mapping) = (0, 0, Weak::new());
            self.news.retain(|(new, _)| usize::from(*new) != number);
            self.news.push((number as u8, None));
        }
    }

    /// Whether a block of `len` bytes can be lent beside those that the other side holds.
    ///
    /// # Errors
    /// What it holds, and how much it may.
    fn has_room(&self, len: u64) -> Result<()> {
        let lent = self.entries.iter().filter(|entry| entry.lent.is_some());
        let held: u64 = lent.map(|entry| entry.len).sum();
        if held.saturating_add(len) <= self.most {
            return Ok(());
        }
        if self.most == MOST_BYTES {
            return Err(self.too_many());
        }
        Err(Error::other(format!(
            "{} MiB more to be sent, where {} MiB are held on the other side of this process's border, and its limit is {} MiB: \
             let some go, or allow it more (`process.memory(…)`)",
            in_mib(len),
            in_mib(held),
            self.most >> 20
        )))
    }

    fn too_many(&self) -> Error {
        Error::other(format!(
            "{MOST_BLOCKS} pictures or sounds, or {} MiB of them, are held on the other side of a process's border: let \
             some go",
            self.most >> 20
        ))
    }

    /// A copy in shared memory: made once of a block that is lent again and again.
    fn shared_copy(&mut self, buffer: &Buffer) -> Result<Buffer> {
        if let Some((source, copy)) = &self.copy
            && source.shares_with(buffer)
            && source.len() == buffer.len()
        {
            return Ok(copy.clone());
        }
        self.has_room(buffer.len() as u64)?;
        // Its next blocks need no copy.
        buffer.pool().share();
        self.copy = None;
        let mut copy = self.pool.try_take(buffer.len())?;
        copy.make_mut().copy_from_slice(buffer);
        self.copied += buffer.len() as u64;
        self.copy = Some((buffer.clone(), copy.clone()));
        Ok(copy)
    }

    /// The other side has let go of a block.
    ///
    /// # Errors
    /// When it did not have it.
    pub fn came_back(&mut self, number: u8) -> Result<()> {
        let entry = self.entries.get_mut(usize::from(number));
        match entry.and_then(|entry| entry.lent.take()) {
            Some(_) => Ok(()),
            None => Err(Error::other(format!(
                "block {number} was given back, and was not lent"
            ))),
        }
    }

    /// Takes the next descriptor that has to go before the numbers do, or the next number that means nothing any more. Those that make
    /// room come first: the other side never has more than it may.
    pub fn news(&mut self) -> Option<(u8, Option<Arc<Mapping>>)> {
        let entry = |number: u8| self.entries.get(usize::from(number));
        let makes_room =
            |&(number, _): &(u8, _)| entry(number).is_some_and(|entry| entry.len <= entry.told);
        let next = self.news.iter().position(makes_room).unwrap_or(0);
        let (number, mapping) = (next < self.news.len()).then(|| self.news.swap_remove(next))?;
        if let Some(entry) = self.entries.get_mut(usize::from(number)) {
            entry.told = entry.len;
        }
        Some((number, mapping))
    }

    /// How many bytes had to be copied to be lent.
    pub fn copied(&self) -> u64 {
        self.copied
    }

    /// How many blocks the other side has.
    #[cfg(test)]
    pub fn lent(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.lent.is_some())
            .count()
    }

    /// The pool of what is made only to be lent.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }
}

/// Rounded up: what is there is never told as nothing.
fn in_mib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

/// Where borrowed blocks go that nobody holds any more, from whichever thread was the last.
pub(crate) struct Returns {
    blocks: ArrayQueue<Box<Block>>,
}

impl Returns {
    pub(super) fn put_back(&self, block: Box<Block>) {
        // There is room for all that can be borrowed.
        drop(self.blocks.push(block));
    }
}

/// What one side has borrowed.
pub(crate) struct Borrower {
    known: Vec<Known>,
    returns: Arc<Returns>,
    /// What is no longer held, and its lender is yet to be told.
    free: Vec<u8>,
    bytes: u64,
    /// The most that there may be.
    most: u64,
}

enum Known {
    /// The number means nothing.
    Nothing,
    /// It is with its lender.
    Idle(Box<Block>),
    /// The block of this serial number is held here.
    Held(u64),
}

impl Borrower {
    /// Borrows at most `most` bytes at a time.
    pub fn new(most: u64) -> Self {
        Self {
            known: (0..MOST_BLOCKS).map(|_| Known::Nothing).collect(),
            returns: Arc::new(Returns {
                blocks: ArrayQueue::new(MOST_BLOCKS),
            }),
            free: Vec::with_capacity(MOST_BLOCKS),
            bytes: 0,
            most: most.min(MOST_BYTES),
        }
    }

    /// The descriptor of a block has come, which `number` means from now on.
    ///
    /// # Errors
    /// When the number means a block that is held here, there are too many bytes, or the file could shrink.
    pub fn arrived(&mut self, number: u8, file: std::os::fd::OwnedFd) -> Result<()> {
        self.forget(number)?;
        let most = usize::try_from(self.most).unwrap_or(usize::MAX);
        let block = Block::mapped(Mapping::open(file, most, Access::OneWrites)?);
        let len = block.capacity() as u64;
        if len > self.most - self.bytes {
            return Err(Error::other(format!(
                "it sent a block of {len} bytes beside {} that it has here already, and may have {} here at a time",
                self.bytes, self.most
            )));
        }
        self.bytes += len;
        self.known[usize::from(number)] = Known::Idle(block);
        Ok(())
    }

    /// A number means nothing any more.
    ///
    /// # Errors
    /// When it means a block that is held here.
    pub fn forget(&mut self, number: u8) -> Result<()> {
        self.take_back();
        let Some(known) = self.known.get_mut(usize::from(number)) else {
            return Err(Error::other(format!("block {number} is beyond the last")));
        };
        match known {
            Known::Held(_) => {
                return Err(Error::other(format!(
                    "block {number} is to be another one, and is still held"
                )));
            }
            Known::Idle(block) => self.bytes -= block.capacity() as u64,
            Known::Nothing => {}
        }
        *known = Known::Nothing;
        Ok(())
    }

    /// The first `len` bytes of a block, which is held here until the buffer and its clones are dropped.
    ///
    /// # Errors
    /// When the number means nothing, the block is held already, or it has fewer bytes.
    pub fn take(&mut self, number: u8, len: usize) -> Result<Buffer> {
        self.take_back();
        let refused = |why: &str| Err(Error::other(format!("block {number} {why}")));
        let Some(known) = self.known.get_mut(usize::from(number)) else {
            return refused("is beyond the last");
        };
        match std::mem::replace(known, Known::Nothing) {
            Known::Nothing => refused("has never come"),
            held @ Known::Held(_) => {
                *known = held;
                refused("is lent a second time")
            }
            Known::Idle(block) if len > block.capacity() => {
                let capacity = block.capacity();
                *known = Known::Idle(block);
                refused(&format!("has {capacity} bytes, and {len} are to be shown"))
            }
            Known::Idle(mut block) => {
                let serial = block.mapping().map_or(0, |mapping| mapping.serial());
                *known = Known::Held(serial);
                block.home = Some(Home::Lender(Arc::clone(&self.returns)));
                Ok(Buffer::hold(block, len))
            }
        }
    }

    /// Puts what was let go where it is found by its number.
    fn take_back(&mut self) {
        while let Some(block) = self.returns.blocks.pop() {
            let serial = block.mapping().map_or(0, |mapping| mapping.serial());
            let is_it = |known: &Known| matches!(known, Known::Held(held) if *held == serial);
            if let Some(number) = self.known.iter().position(is_it) {
                self.known[number] = Known::Idle(block);
                self.free.push(number as u8);
            }
        }
    }

    /// The numbers of the blocks that are no longer held, each once.
    pub fn let_go(&mut self) -> impl Iterator<Item = u8> + '_ {
        self.take_back();
        self.free.drain(..)
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    /// Lends, and has it arrive.
    fn hand_over(lender: &mut Lender, borrower: &mut Borrower, buffer: &Buffer) -> Result<Buffer> {
        let number = lender.lend(buffer)?;
        while let Some((new, mapping)) = lender.news() {
            match mapping {
                Some(mapping) => borrower.arrived(new, mapping.as_fd().try_clone_to_owned()?)?,
                None => borrower.forget(new)?,
            }
        }
        lender.settle(true);
        borrower.take(number, buffer.len())
    }

    fn give_back(lender: &mut Lender, borrower: &mut Borrower) -> Result<()> {
        borrower
            .let_go()
            .try_for_each(|number| lender.came_back(number))
    }

    #[test]
    fn what_is_lent_is_seen_and_comes_back_and_is_not_copied() -> Result<()> {
        let (mut lender, mut borrower) = (Lender::new(), Borrower::new(MOST_BYTES));
        let mut buffer = lender.pool().take(6000);
        for round in 0..1000_u32 {
            buffer.make_mut().fill(round as u8);
            let address = buffer.as_ptr();
            let mut seen = hand_over(&mut lender, &mut borrower, &buffer)?;
            assert!(seen.iter().all(|&byte| byte == round as u8));
            assert!(seen.as_mut_slice().is_none(), "it is somebody else's");
            assert!(!buffer.is_unique(), "it is lent");
            drop(seen);
            give_back(&mut lender, &mut borrower)?;
            assert!(buffer.is_unique() && buffer.as_ptr() == address);
        }
        assert_eq!(
            (lender.copied(), lender.lent(), lender.entries.len()),
            (0, 0, 1)
        );
        Ok(())
    }

    #[test]
    fn a_borrowed_buffer_that_is_written_to_moves_to_a_copy() -> Result<()> {
        let (mut lender, mut borrower) = (Lender::new(), Borrower::new(MOST_BYTES));
        let buffer = lender.pool().take(100);
        let mut seen = hand_over(&mut lender, &mut borrower, &buffer)?;
        seen.make_mut().fill(9);
        assert_eq!((buffer[0], seen[0]), (0, 9));
        seen.reset(50)?.fill(1);
        give_back(&mut lender, &mut borrower)?;
        assert_eq!(lender.lent(), 0);
        Ok(())
    }

    #[test]
    fn a_block_of_the_heap_is_copied_once_and_its_pool_shares_from_then_on() -> Result<()> {
        let (mut lender, mut borrower) = (Lender::new(), Borrower::new(MOST_BYTES));
        let pool = Pool::new();
        let still = pool.take(1000);
        for _ in 0..3 {
            drop(hand_over(&mut lender, &mut borrower, &still)?);
            give_back(&mut lender, &mut borrower)?;
        }
        assert_eq!(lender.copied(), 1000);
        drop(hand_over(&mut lender, &mut borrower, &pool.take(1000))?);
        assert_eq!(lender.copied(), 1000, "the pool makes shared ones now");
        Ok(())
    }

    #[test]
    fn there_is_an_end_of_what_may_be_held_and_of_what_is_kept() -> Result<()> {
        let (mut lender, mut borrower) = (Lender::new(), Borrower::new(MOST_BYTES));
        let pool = lender.pool().clone();
        let all: Vec<_> = (0..MOST_BLOCKS).map(|_| pool.take(10)).collect();
        let held: Result<Vec<_>> = all
            .iter()
            .map(|buffer| hand_over(&mut lender, &mut borrower, buffer))
            .collect();
        let held = held?;
        let one_more = pool.take(10);
        assert!(lender.lend(&one_more).is_err());
        drop(held);
        give_back(&mut lender, &mut borrower)?;
        // In place of the one that was lent first; which is then lent anew.
        for buffer in [&one_more, &all[0], &one_more] {
            drop(hand_over(&mut lender, &mut borrower, buffer)?);
            give_back(&mut lender, &mut borrower)?;
        }
        assert_eq!(lender.entries.len(), MOST_BLOCKS);
        Ok(())
    }

    #[test]
    fn there_is_an_end_of_the_bytes_that_are_known() -> Result<()> {
        let (mut lender, mut borrower) = (Lender::new(), Borrower::new(MOST_BYTES));
        // Only looked at from outside: no page of it is touched.
        let large = 700 << 20;
        let pool = lender.pool().clone();
        let all = [pool.try_take(large)?, pool.try_take(large)?];
        let held = [
            hand_over(&mut lender, &mut borrower, &all[0])?,
            hand_over(&mut lender, &mut borrower, &all[1])?,
        ];
        let third = pool.try_take(large)?;
        let error = lender.lend(&third).unwrap_err().to_string();
        assert!(error.contains("2048 MiB"), "{error}");
        drop(held);
        give_back(&mut lender, &mut borrower)?;
        drop(hand_over(&mut lender, &mut borrower, &third)?);
        assert_eq!(lender.entries.len(), 2);
        Ok(())
    }

    #[test]
    fn within_a_limit_all_that_is_not_held_makes_room_and_the_borrower_agrees() -> Result<()> {
        const MIB: usize = 1 << 20;
        let (mut lender, mut borrower) = (Lender::new(), Borrower::new(16 * MIB as u64));
        lender.limit(16 * MIB as u64);
        let pool = lender.pool().clone();
        let small = (0..12).map(|_| pool.try_take(MIB));
        let small = small.collect::<Result<Vec<_>>>()?;
        for buffer in &small {
            drop(hand_over(&mut lender, &mut borrower, buffer)?);
        }
        give_back(&mut lender, &mut borrower)?;
        // In place of one it would be too much, and all of them are let go.
        let large = pool.try_take(10 * MIB)?;
        let held = hand_over(&mut lender, &mut borrower, &large)?;
        assert_eq!(
            borrower.bytes,
            16 * MIB as u64,
            "no more than needed is forgotten"
        );
        let told = lender.lend(&pool.try_take(7 * MIB)?);
        let told = told.map_err(|error| error.to_string());
        assert_eq!(
            told,
            Err("7 MiB more to be sent, where 10 MiB are held on the other side of this process's border, and its limit is \
                 16 MiB: let some go, or allow it more (`process.memory(…)`)"
                .to_owned())
        );
        // A copy is not even made.
        let heap = Pool::new().try_take(7 * MIB)?;
        assert!(lender.lend(&heap).is_err());
        assert_eq!(lender.copied(), 0);
        drop(held);
        give_back(&mut lender, &mut borrower)?;
        // Of what takes turns in one message, what makes room goes first.
        let [wide, other] = [pool.try_take(15 * MIB)?, pool.try_take(15 * MIB)?];
        for pair in [[&wide, &small[0]], [&small[1], &other], [&wide, &small[0]]] {
            let numbers = pair.map(|buffer| lender.lend(buffer));
            while let Some((new, mapping)) = lender.news() {
                match mapping {
                    Some(mapping) => {
                        borrower.arrived(new, mapping.as_fd().try_clone_to_owned()?)?;
                    }
                    None => borrower.forget(new)?,
                }
            }
            lender.settle(true);
            for number in numbers {
                drop(borrower.take(number?, 100)?);
            }
            give_back(&mut lender, &mut borrower)?;
        }
        Ok(())
    }

    #[test]
    fn a_message_that_is_not_sent_lends_nothing() -> Result<()> {
        let (mut lender, mut borrower) = (Lender::new(), Borrower::new(MOST_BYTES));
        let buffer = lender.pool().take(10);
        lender.lend(&buffer)?;
        lender.settle(false);
        assert_eq!(lender.lent(), 0);
        drop(hand_over(&mut lender, &mut borrower, &buffer)?); // its descriptor goes along now
        Ok(())
    }

    #[test]
    fn a_lender_that_lies_is_refused() -> Result<()> {
        let (mut lender, mut borrower) = (Lender::new(), Borrower::new(MOST_BYTES));
        let buffer = lender.pool().take(10);
        let held = hand_over(&mut lender, &mut borrower, &buffer)?;
        let file = |buffer: &Buffer| {
            let mapping = buffer.block().and_then(Block::mapping).cloned();
            mapping.map(|mapping| mapping.as_fd().try_clone_to_owned())
        };
        for (number, len) in [(0, 10), (1, 10), (200, 10)] {
            assert!(borrower.take(number, len).is_err());
        }
        assert!(
            borrower
                .arrived(0, file(&buffer).transpose()?.ok_or("none")?)
                .is_err()
        );
        assert!(
            borrower
                .arrived(255, file(&buffer).transpose()?.ok_or("none")?)
                .is_err()
        );
        drop(held);
        assert!(borrower.take(0, usize::MAX).is_err());
        // No more than may be borrowed, however little is in each.
        let mut frugal = Borrower::new(3 << 20);
        let large = lender.pool().take(2 << 20);
        let arrives = |frugal: &mut Borrower, number| match file(&large).transpose() {
            Ok(Some(file)) => frugal.arrived(number, file),
            _ => Err("no file".into()),
        };
        assert!(arrives(&mut frugal, 0).is_ok());
        let told = arrives(&mut frugal, 1).map_err(|error| error.to_string());
        assert_eq!(
            told,
            Err("it sent a block of 2097152 bytes beside 2097152 that it has here already, and may have 3145728 here at a time"
                .to_owned())
        );
        assert!(arrives(&mut frugal, 0).is_ok(), "in place of the other");
        assert_eq!(borrower.take(0, 4096)?.len(), 4096);
        assert!(lender.came_back(7).is_err());
        Ok(())
    }
}
