//! The order of work on a card, tried on one whose streams work when they are told to.
//!
//! - [`tearing`]: no frame tears, in whatever order streams work; and with a wait left out, some do.
//! - [`failing`]: what happens when a card fails, hangs, or takes no note.

mod failing;
mod tearing;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::simulated::{Schedule, Simulated, Work};
use super::*;
use crate::{Error, Result};

/// Numbers in a frame. Each is written and read by itself.
const CELLS: usize = 16;

/// A simulated card whose streams work when they are told to, and whose kernels are these.
pub struct Card {
    pub device: Device,
    pub schedule: Arc<Schedule>,
    torn: Arc<AtomicUsize>,
    pub read: Arc<AtomicUsize>,
}

impl Card {
    pub fn new(seed: u64) -> Self {
        let (driver, schedule) = Simulated::by_hand(seed);
        Self::of(driver, schedule)
    }

    /// One whose streams work by themselves.
    pub fn threaded(seed: u64) -> Result<Self> {
        let driver = Simulated::threaded(seed)?;
        let schedule = driver.schedule();
        Ok(Self::of(driver, schedule))
    }

    pub fn of(driver: Simulated, schedule: Arc<Schedule>) -> Self {
        Self {
            device: Device::of(driver),
            schedule,
            torn: Arc::default(),
            read: Arc::default(),
        }
    }

    /// Fills memory with a number, cell by cell.
    pub fn fill(&self, memory: &mut CardMemory, stream: &Stream, number: u64) -> Result<()> {
        let filling = memory.fill(stream)?;
        self.put(filling.address(), stream, number)?;
        filling.done()
    }

    /// What fills memory that begins there.
    pub fn put(&self, address: Address, stream: &Stream, number: u64) -> Result<()> {
        self.schedule.put(
            stream.handle(),
            Work::new(move |piece| {
                let (from, to) = piece.of(CELLS);
                (from..to).for_each(|at| cell(address, at).store(number, Ordering::Relaxed));
            }),
        )
    }

    /// Looks whether memory has that number in all cells.
    pub fn look(&self, memory: &CardMemory, stream: &Stream, number: u64) -> Result<()> {
        let reading = memory.read(stream)?;
        let address = reading.address();
        let (torn, read) = (Arc::clone(&self.torn), Arc::clone(&self.read));
        self.schedule.put(
            stream.handle(),
            Work::new(move |piece| {
                let (from, to) = piece.of(CELLS);
                let is_whole =
                    (from..to).all(|at| cell(address, at).load(Ordering::Relaxed) == number);
                torn.fetch_add(usize::from(!is_whole), Ordering::Relaxed);
                read.fetch_add(1, Ordering::Relaxed);
            }),
        )?;
        reading.done()
    }

    pub fn copy(&self, from: &CardMemory, to: &mut CardMemory, stream: &Stream) -> Result<()> {
        let (reading, filling) = (from.read(stream)?, to.fill(stream)?);
        // SAFETY: both have as many bytes, and are held for this stream.
        unsafe { stream.copy(filling.address(), reading.address(), CELLS * 8)? };
        reading.done()?;
        filling.done()
    }

    pub fn torn(&self) -> usize {
        self.torn.load(Ordering::Relaxed)
    }
}

fn cell<'a>(address: Address, at: usize) -> &'a AtomicU64 {
    let pointer = std::ptr::with_exposed_provenance_mut(address.0 as usize + at * 8);
    // SAFETY: the simulated card's memory is the host's, and frees none that a stream still uses.
    unsafe { AtomicU64::from_ptr(pointer) }
}

#[test]
fn the_ring_of_card_memory_hands_on_what_was_filled() -> Result<()> {
    let card = Card::new(5);
    let (mut writer, mut readers) = GpuRingBuffer::build(&card.device, CELLS * 8, 2)?;
    let (drawing, showing) = (card.device.stream()?, card.device.stream()?);
    for number in 1..50 {
        let mut slot = writer.slot();
        let address = {
            let filling = slot.fill(&drawing)?;
            let address = filling.address();
            card.put(address, &drawing, number)?;
            filling.done()?;
            address
        };
        slot.publish()?;
        for reader in &mut readers {
            let Some(memory) = reader.latest() else {
                return Err(Error::graph("a frame was published"));
            };
            assert_eq!(memory.read(&drawing)?.address(), address);
            card.look(memory, &showing, number)?;
        }
        for _ in 0..number % 7 {
            card.schedule.step();
        }
    }
    showing.synchronize()?;
    assert_eq!(card.torn(), 0);
    Ok(())
}

#[test]
fn the_host_waits_for_nothing() -> Result<()> {
    // The card does not work at all while a hundred frames are published and read.
    let card = Card::new(0);
    let (writing, reading) = (card.device.stream()?, card.device.stream()?);
    let pool = CardPool::new(&card.device);
    let (mut writer, [mut reader]) = crate::ring::latest::<Option<CardMemory>, 1>();
    for number in 0..100 {
        let mut slot = writer.slot();
        let mut memory = match slot.take() {
            Some(memory) => memory,
            None => pool.take(CELLS * 8)?,
        };
        card.fill(&mut memory, &writing, number)?;
        *slot = Some(memory);
        slot.publish();
        if let Some(Some(memory)) = reader.latest() {
            card.look(memory, &reading, number)?;
        }
    }
    assert_eq!(card.read.load(Ordering::Relaxed), 0);
    while card.schedule.step() {}
    assert_eq!((card.torn(), card.read.load(Ordering::Relaxed)), (0, 400));
    Ok(())
}

#[test]
fn captured_work_is_done_when_it_is_replayed() -> Result<()> {
    let card = Card::new(3);
    let stream = card.device.stream()?;
    let (mut from, mut to) = (
        CardMemory::new(&card.device, CELLS * 8)?,
        CardMemory::new(&card.device, CELLS * 8)?,
    );
    card.fill(&mut from, &stream, 7)?;
    let ends = (to.fill(&stream)?.address(), from.read(&stream)?.address());
    // SAFETY: both are there until the end of this test, and as long.
    let graph = card
        .device
        .capture(|stream| unsafe { stream.copy(ends.0, ends.1, CELLS * 8) })?;
    {
        let _ends = (from.read(&stream)?, to.fill(&stream)?);
        // SAFETY: as above, and they are held for this stream.
        unsafe { stream.replay(&graph)? };
    }
    card.look(&to, &stream, 7)?;
    stream.synchronize()?;
    assert_eq!((card.torn(), card.read.load(Ordering::Relaxed)), (0, 4));
    let refused = card
        .device
        .capture(|stream| Event::new(&card.device)?.record(stream));
    assert!(refused.is_err());
    Ok(())
}

#[test]
fn what_is_wrong_is_told() -> Result<()> {
    let (card, other) = (Card::new(1), Card::new(2));
    let (stream, elsewhere) = (card.device.stream()?, other.device.stream()?);
    let mut memory = CardMemory::new(&card.device, 8)?;
    let told = |error: Option<Error>| error.map(|error| error.to_string()).unwrap_or_default();
    assert!(told(memory.read(&elsewhere).err()).contains("one graph works on one card"));
    let shared = memory.clone();
    assert!(told(memory.fill(&stream).err()).contains("others hold"));
    drop(shared);
    assert!(memory.fill(&stream).is_ok());
    for _ in 1..16 {
        card.device.stream()?;
    }
    assert!(
        told(card.device.stream().err())
            .starts_with("streams of a card is 17; expected at most 16")
    );
    Ok(())
}

#[test]
fn a_pool_gives_back_what_came_back_first() -> Result<()> {
    let card = Card::new(1);
    let stream = card.device.stream()?;
    let pool = CardPool::new(&card.device);
    pool.reserve(2, 64)?;
    assert_eq!(pool.free_blocks(), 2);
    let first = pool.take(64)?;
    let address = first.read(&stream)?.address();
    drop(first);
    let second = pool.take(64)?;
    assert_ne!(second.read(&stream)?.address(), address);
    assert_eq!(pool.take(10)?.read(&stream)?.address(), address);
    assert!(card.device.driver().name().starts_with("simulated"));
    Ok(())
}

#[test]
fn a_picture_that_grows_waits_for_nothing() -> Result<()> {
    // The card has yet to read what the smaller blocks hold.
    let card = Card::new(1);
    let stream = card.device.stream()?;
    let pool = CardPool::new(&card.device);
    pool.reserve(1, CELLS * 8)?;
    let mut small = pool.take(CELLS * 8)?;
    card.fill(&mut small, &stream, 7)?;
    card.look(&small, &stream, 7)?;
    drop(small);
    let large = pool.take(CELLS * 16)?;
    assert_eq!((large.len(), pool.free_blocks()), (CELLS * 16, 0));
    assert_eq!(card.read.load(Ordering::Relaxed), 0);
    // At the end it is waited for.
    drop((large, pool));
    assert_eq!((card.torn(), card.read.load(Ordering::Relaxed)), (0, 4));
    Ok(())
}
