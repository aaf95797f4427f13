//! What happens when a card fails, hangs, or takes no note of an event.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{CELLS, Card};
use crate::Result;
use crate::gpu::{CardMemory, CardPool, Finished, GpuRingBuffer};
use crate::message::{GpuFrame, PixelFormat};

#[test]
fn what_the_card_took_no_note_of_is_not_published() -> Result<()> {
    let card = Card::new(9);
    let (drawing, showing) = (card.device.stream()?, card.device.stream()?);
    let (mut writer, mut readers) = GpuRingBuffer::build(&card.device, CELLS * 8, 1)?;
    for number in 0..12 {
        // Every other one, `done` is asked or forgotten.
        card.schedule.refuse_records(number % 3 == 2);
        let mut slot = writer.slot();
        let filling = slot.fill(&drawing)?;
        card.put(filling.address(), &drawing, number)?;
        let done = if number % 2 == 0 {
            filling.done()
        } else {
            drop(filling);
            Ok(())
        };
        assert_eq!(done.is_err(), number == 2 || number == 8);
        assert_eq!(slot.publish().is_err(), number % 3 == 2, "{number}");
        card.schedule.refuse_records(false);
        let last = if number % 3 == 2 { number - 1 } else { number };
        let memory = readers[0].latest().expect("the first was published");
        card.look(memory, &showing, last)?;
    }
    showing.synchronize()?;
    assert_eq!((card.torn(), card.read.load(Ordering::Relaxed)), (0, 48));

    let pool = CardPool::new(&card.device);
    let frame = || GpuFrame::from_pool(&pool, PixelFormat::Rgba8, 4, 4);
    card.schedule.refuse_records(true);
    let filling = frame()?.fill(&drawing)?;
    assert!(filling.done().is_err(), "it does not come back");
    drop(frame()?.fill(&drawing)?);
    assert_eq!(pool.free_blocks(), 0, "what may be in use is given up");
    card.schedule.refuse_records(false);
    let frame = frame()?.fill(&drawing)?.done()?;
    card.schedule.refuse_records(true);
    assert!(frame.read(&showing)?.done().is_err());
    card.schedule.refuse_records(false);
    frame.read(&drawing)?.done()?; // it was filled all the same
    drop(frame);
    assert_eq!(pool.free_blocks(), 0);
    Ok(())
}

#[test]
fn who_waits_for_a_card_is_told_when_it_fails() -> Result<()> {
    let card = Card::new(2);
    let stream = card.device.stream()?;
    let mut memory = CardMemory::new(&card.device, CELLS * 8)?;
    card.fill(&mut memory, &stream, 1)?;
    let mut before = stream.finished();
    card.schedule.fail(); // it calls nobody back any more
    let told = |error: Result<()>| error.err().map(|error| error.to_string());
    let failed = Some("the simulated card has failed".to_owned());
    assert_eq!(told(before.wait()), failed);
    assert!(before.wait().is_err(), "also when it is asked again");
    assert_eq!(told(stream.finished().wait()), failed);
    Ok(())
}

#[test]
fn a_card_that_hangs_is_not_waited_for_without_end() -> Result<()> {
    let card = Card::new(3);
    let (stream, other) = (card.device.stream()?, card.device.stream()?);
    let mut memory = CardMemory::new(&card.device, CELLS * 8)?;
    card.fill(&mut memory, &stream, 1)?;
    card.fill(&mut memory, &other, 2)?;
    let told = stream
        .finished_within(Duration::from_millis(1))
        .wait()
        .err();
    assert_eq!(
        told.map(|error| error.to_string()).as_deref(),
        Some(
            "the card had 1ms and is not done with what it was asked for (`Gpu::patience` says how long it has)"
        )
    );
    // Nobody waits for as long again, nor does who lets go of memory, which is not used again.
    let told = stream.finished_within(Duration::MAX).wait().err();
    assert!(told.is_some_and(|error| error.to_string().contains("waited for in vain")));
    assert!(other.finished_within(Duration::MAX).wait().is_err());
    drop(memory);
    assert!(stream.finished().wait().is_err() && other.finished().wait().is_err());
    while card.schedule.step() {}
    let mut again = [stream.finished(), other.finished()];
    while card.schedule.step() {}
    again.iter_mut().try_for_each(Finished::wait)
}

#[test]
fn a_hold_that_is_leaked_tears_nothing() -> Result<()> {
    let card = Card::new(4);
    let (drawing, showing) = (card.device.stream()?, card.device.stream()?);
    let (mut writer, mut readers) = GpuRingBuffer::build(&card.device, CELLS * 8, 1)?;
    for number in 0..30 {
        let mut slot = writer.slot();
        let filling = slot.fill(&drawing)?;
        card.put(filling.address(), &drawing, number)?;
        if number % 5 == 4 {
            std::mem::forget(filling);
            assert!(slot.publish().is_err(), "nobody could wait for it");
            continue;
        }
        filling.done()?;
        slot.publish()?;
        let memory = readers[0].latest().expect("it was published");
        if number % 3 == 2 {
            // What reads it comes late, and the ring gives the slot back long before.
            std::mem::forget(memory.read(&showing)?);
        }
        card.look(memory, &showing, number)?;
        for _ in 0..number % 4 {
            card.schedule.step();
        }
    }
    while card.schedule.step() {}
    assert_eq!(
        (card.torn(), card.read.load(Ordering::Relaxed)),
        (0, 24 * 4)
    );

    let pool = CardPool::new(&card.device);
    let memory = pool.take(CELLS * 8)?;
    std::mem::forget(memory.read(&drawing)?);
    drop(memory);
    let mut memory = pool.take(CELLS * 8)?;
    std::mem::forget(memory.fill(&drawing)?);
    assert!(memory.read(&drawing).is_err() && memory.fill(&drawing).is_err());
    drop(memory);
    assert_eq!(pool.free_blocks(), 0);
    Ok(())
}
