//! No frame tears, in whatever order the streams of a card work; and with a wait left out, some do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use proptest::prelude::*;

use super::memory::{LEFT_OUT, Wait};
use super::simulated::{Schedule, Simulated, Work};
use super::*;
use crate::ring::{Policy, Ring};
use crate::{Error, Result};

/// Numbers in a frame. Each is written and read by itself.
const CELLS: usize = 16;

/// A simulated card whose streams work when they are told to, and whose kernels are these.
struct Card {
    device: Device,
    schedule: Arc<Schedule>,
    torn: Arc<AtomicUsize>,
    read: Arc<AtomicUsize>,
}

impl Card {
    fn new(seed: u64) -> Self {
        let (driver, schedule) = Simulated::by_hand(seed);
        Self {
            device: Device::of(driver),
            schedule,
            torn: Arc::default(),
            read: Arc::default(),
        }
    }

    /// Fills memory with a number, cell by cell.
    fn fill(&self, memory: &mut CardMemory, stream: &Stream, number: u64) -> Result<()> {
        let filling = memory.fill(stream)?;
        let address = filling.address();
        self.schedule.put(
            stream.handle(),
            Work::new(move |piece| {
                let (from, to) = piece.of(CELLS);
                (from..to).for_each(|at| cell(address, at).store(number, Ordering::Relaxed));
            }),
        )
    }

    /// Looks whether memory has that number in all cells.
    fn look(&self, memory: &CardMemory, stream: &Stream, number: u64) -> Result<()> {
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
        )
    }

    fn copy(&self, from: &CardMemory, to: &mut CardMemory, stream: &Stream) -> Result<()> {
        let (reading, filling) = (from.read(stream)?, to.fill(stream)?);
        // SAFETY: both have as many bytes, and are held for this stream.
        unsafe { stream.copy(filling.address(), reading.address(), CELLS * 8) }
    }

    fn torn(&self) -> usize {
        self.torn.load(Ordering::Relaxed)
    }
}

fn cell<'a>(address: Address, at: usize) -> &'a AtomicU64 {
    let pointer = std::ptr::with_exposed_provenance_mut(address.0 as usize + at * 8);
    // SAFETY: the simulated card's memory is the host's, and frees none that a stream still uses.
    unsafe { AtomicU64::from_ptr(pointer) }
}

/// A frame and the number that it is to hold.
struct Frame {
    memory: CardMemory,
    number: u64,
}

/// What the host does next.
#[derive(Clone, Copy, Debug)]
enum Do {
    Publish,
    Look(usize),
    /// Takes a clone of the newest frame, and looks at it later.
    Keep(usize),
    LookAtKept(usize),
    LetGo,
    /// Copies the newest frame into another block of the pool, and looks at that.
    Forward(usize),
    Step(usize),
}

fn anything() -> impl Strategy<Value = Do> {
    prop_oneof![
        3 => Just(Do::Publish),
        4 => (0..3_usize).prop_map(Do::Look),
        1 => (0..3_usize).prop_map(Do::Keep),
        1 => (0..3_usize).prop_map(Do::LookAtKept),
        1 => Just(Do::LetGo),
        1 => (0..3_usize).prop_map(Do::Forward),
        4 => (1..12_usize).prop_map(Do::Step),
    ]
}

/// Does all of it with a writer and three readers, in a ring whose slots hold frames of a pool. Says how many pieces were
/// torn, and how many were read.
fn run(seed: u64, streams: [usize; 4], steps: &[Do]) -> Result<(usize, usize)> {
    let card = Card::new(seed);
    let pool = CardPool::new(&card.device);
    let made: Vec<Stream> = (0..4)
        .map(|_| card.device.stream())
        .collect::<Result<_>>()?;
    let [writing, reading @ ..] = streams.map(|index| &made[index]);
    let builder = (0..3).fold(Ring::builder(), |ring, _| ring.reader(Policy::Latest));
    let (mut writer, mut readers) = builder.build_with(|| None::<Frame>)?;
    let mut kept: Vec<Frame> = Vec::new();
    let mut number = 0;
    for &step in steps {
        match step {
            Do::Publish => {
                number += 1;
                let mut slot = writer.slot();
                let mut memory = match slot.take() {
                    Some(frame) if frame.memory.is_unique() => frame.memory,
                    _ => pool.take(CELLS * 8)?,
                };
                card.fill(&mut memory, writing, number)?;
                *slot = Some(Frame { memory, number });
                slot.publish();
            }
            Do::Look(reader) => {
                if let Some(Some(frame)) = readers[reader].latest() {
                    card.look(&frame.memory, reading[reader], frame.number)?;
                }
            }
            Do::Keep(reader) => {
                if let Some(Some(frame)) = readers[reader].latest() {
                    kept.push(Frame {
                        memory: frame.memory.clone(),
                        number: frame.number,
                    });
                }
            }
            Do::LookAtKept(reader) => {
                if let Some(frame) = kept.first() {
                    card.look(&frame.memory, reading[reader], frame.number)?;
                }
            }
            Do::LetGo => drop(kept.pop()),
            Do::Forward(reader) => {
                if let Some(Some(frame)) = readers[reader].latest() {
                    let mut copy = pool.take(CELLS * 8)?;
                    card.copy(&frame.memory, &mut copy, reading[reader])?;
                    card.look(&copy, reading[(reader + 1) % 3], frame.number)?;
                }
            }
            Do::Step(count) => {
                for _ in 0..count {
                    card.schedule.step();
                }
            }
        }
    }
    while card.schedule.step() {}
    Ok((card.torn(), card.read.load(Ordering::Relaxed)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 8 } else { 400 }))]

    #[test]
    fn no_frame_tears_in_whatever_order_streams_work(
        seed in any::<u64>(),
        streams in any::<[u8; 4]>().prop_map(|streams| streams.map(|stream| usize::from(stream % 4))),
        steps in prop::collection::vec(anything(), 0..120),
    ) {
        let (torn, _) = run(seed, streams, &steps)?;
        prop_assert_eq!(torn, 0);
    }
}

/// The same steps for every seed: a writer ahead of its readers, all in streams of their own.
fn hurry() -> Vec<Do> {
    let round = [
        Do::Publish,
        Do::Look(0),
        Do::Look(1),
        Do::Step(3),
        Do::Look(2),
        Do::Publish,
        Do::Forward(0),
        Do::Step(2),
    ];
    round.repeat(12)
}

/// How many of so many seeds tear a frame, with that wait left out.
fn tears(left_out: Option<Wait>) -> usize {
    LEFT_OUT.set(left_out);
    let torn = (0..100)
        .filter(|&seed| run(seed, [0, 1, 2, 3], &hurry()).is_ok_and(|(torn, _)| torn > 0))
        .count();
    LEFT_OUT.set(None);
    torn
}

#[test]
fn every_wait_is_needed() {
    assert_eq!(tears(None), 0);
    let without = [Wait::ForFilling, Wait::ForReaders].map(|wait| tears(Some(wait)));
    assert!(without.iter().all(|&torn| torn > 90), "{without:?}");
}

#[test]
fn what_is_read_is_read() -> Result<()> {
    let (torn, read) = run(1, [0, 1, 2, 3], &hurry())?;
    assert_eq!(torn, 0);
    assert_eq!(read, 4 * 12 * 4, "pieces of the looks");
    Ok(())
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
            card.schedule.put(
                drawing.handle(),
                Work::new(move |piece| {
                    let (from, to) = piece.of(CELLS);
                    (from..to).for_each(|at| cell(address, at).store(number, Ordering::Relaxed));
                }),
            )?;
            address
        };
        slot.publish();
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
