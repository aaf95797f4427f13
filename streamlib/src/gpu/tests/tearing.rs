//! No frame tears, in whatever order the streams of a card work; and with a wait left out, some do.

use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;

use super::super::memory::{LEFT_OUT, Wait};
use super::{CELLS, Card};
use crate::gpu::{CardMemory, CardPool, Stream};
use crate::ring::{Policy, Reader, Ring, Writer};
use crate::{Error, Result};

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
    /// A reader goes on in another stream: as one that was stopped and started.
    MoveReader(usize),
    MoveWriter,
    /// The graph stops and starts: all leases end, and the same pool gives memory to another ring.
    Restart,
    /// The card takes no note of events for a while, or takes note again.
    Refuse(bool),
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
        1 => (0..3_usize).prop_map(Do::MoveReader),
        1 => Just(Do::MoveWriter),
        1 => Just(Do::Restart),
        1 => prop::bool::weighted(0.3).prop_map(Do::Refuse),
        4 => (1..12_usize).prop_map(Do::Step),
    ]
}

type Ends = (Writer<Option<Frame>>, Vec<Reader<Option<Frame>>>);

fn ring() -> Result<Ends> {
    let builder = (0..3).fold(Ring::builder(), |ring, _| ring.reader(Policy::Latest));
    builder.build_with(|| None::<Frame>)
}

/// The next of a card's streams, new ones as long as there are any.
fn another(card: &Card, made: &mut Vec<Stream>, now: usize) -> usize {
    match card.device.stream() {
        Ok(stream) => {
            made.push(stream);
            made.len() - 1
        }
        Err(_) => (now + 1) % made.len(),
    }
}

/// Does all of it with a writer and three readers, in a ring whose slots hold frames of a pool. Says how many pieces were
/// torn, and how many were read. What the card refuses is an actor's error: it goes on with the next tick.
fn run(seed: u64, streams: [usize; 4], steps: &[Do]) -> Result<(usize, usize)> {
    let card = Card::new(seed);
    let pool = CardPool::new(&card.device);
    let mut made: Vec<Stream> = (0..4)
        .map(|_| card.device.stream())
        .collect::<Result<_>>()?;
    let [mut writing, mut reading @ ..] = streams;
    let (mut writer, mut readers) = ring()?;
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
                if card.fill(&mut memory, &made[writing], number).is_ok() {
                    *slot = Some(Frame { memory, number });
                    slot.publish();
                }
            }
            Do::Look(reader) => {
                if let Some(Some(frame)) = readers[reader].latest() {
                    let _ = card.look(&frame.memory, &made[reading[reader]], frame.number);
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
                    let _ = card.look(&frame.memory, &made[reading[reader]], frame.number);
                }
            }
            Do::LetGo => drop(kept.pop()),
            Do::Forward(reader) => {
                if let Some(Some(frame)) = readers[reader].latest() {
                    let mut copy = pool.take(CELLS * 8)?;
                    let copied = card.copy(&frame.memory, &mut copy, &made[reading[reader]]);
                    if copied.is_ok() {
                        let next = &made[reading[(reader + 1) % 3]];
                        let _ = card.look(&copy, next, frame.number);
                    }
                }
            }
            Do::MoveReader(reader) => {
                reading[reader] = another(&card, &mut made, reading[reader]);
            }
            Do::MoveWriter => writing = another(&card, &mut made, writing),
            Do::Restart => (writer, readers) = ring()?,
            Do::Refuse(refuses) => card.schedule.refuse_records(refuses),
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

/// Publishes and reads from threads of their own, with the card at work meanwhile. A reader that has ended is made anew
/// with the ring, as a graph that is stopped and started; streams are shared, as those of many tasks are.
#[test]
fn no_frame_tears_among_threads_that_come_and_go() -> Result<()> {
    let rounds = if cfg!(miri) { 1 } else { 12 };
    let card = Card::threaded(11)?;
    let pool = CardPool::new(&card.device);
    let streams: Vec<Stream> = (0..3)
        .map(|_| card.device.stream())
        .collect::<Result<_>>()?;
    for round in 0..rounds {
        let (mut writer, readers) = ring()?;
        let has_ended = AtomicBool::new(false);
        let (card, pool, streams, has_ended) = (&card, &pool, &streams, &has_ended);
        std::thread::scope(|scope| -> Result<()> {
            let reading: Vec<_> = readers
                .into_iter()
                .enumerate()
                .map(|(index, mut reader)| {
                    scope.spawn(move || -> Result<()> {
                        let stream = &streams[(index + round) % 3];
                        let mut late: Option<Frame> = None;
                        for tick in 0_usize.. {
                            if let Some(Some(frame)) = reader.latest() {
                                card.look(&frame.memory, stream, frame.number)?;
                                if let Some(late) = late.take_if(|_| tick % 3 == 0) {
                                    card.look(&late.memory, stream, late.number)?;
                                }
                                late.get_or_insert_with(|| Frame {
                                    memory: frame.memory.clone(),
                                    number: frame.number,
                                });
                            }
                            // One of them stops early, and one is slow.
                            if has_ended.load(Ordering::Relaxed) || (index == 0 && tick > 40) {
                                break;
                            }
                            (0..index * 20).for_each(|_| std::thread::yield_now());
                        }
                        Ok(())
                    })
                })
                .collect();
            for number in 1..300 {
                let stream = &streams[(round + number as usize / 100) % 3];
                let mut slot = writer.slot();
                let mut memory = match slot.take() {
                    Some(frame) if frame.memory.is_unique() => frame.memory,
                    _ => pool.take(CELLS * 8)?,
                };
                card.fill(&mut memory, stream, number)?;
                *slot = Some(Frame { memory, number });
                slot.publish();
                if number % 16 == 0 {
                    std::thread::yield_now();
                }
            }
            has_ended.store(true, Ordering::Relaxed);
            drop(writer);
            for reading in reading {
                reading
                    .join()
                    .map_err(|_| Error::graph("a reader panicked"))??;
            }
            Ok(())
        })?;
    }
    streams.iter().try_for_each(Stream::synchronize)?;
    assert_eq!(card.torn(), 0);
    assert!(card.read.load(Ordering::Relaxed) > 0);
    Ok(())
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
