//! Buffers with several holders, on one thread and on many. Run under Miri too: it sees a race that a
//! wrong ordering allows even where this processor would not show it.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{Buffer, Pool};
use crate::Result;

const ROUNDS: usize = if cfg!(miri) { 8 } else { 20_000 };
const LEN: usize = if cfg!(miri) { 16 } else { 256 };

/// The one value that all bytes have, if they do.
fn uniform(bytes: &[u8]) -> Option<u8> {
    bytes.iter().all(|&byte| byte == bytes[0]).then(|| bytes[0])
}

#[test]
fn an_empty_buffer_is_a_buffer() -> Result<()> {
    let mut empty = Buffer::empty();
    assert_eq!((empty.len(), empty.capacity()), (0, 0));
    assert!(empty.is_unique() && empty.make_mut().is_empty() && empty.as_f32().is_empty());
    assert!(
        !empty.shares_with(&empty.clone()),
        "no bytes are the same bytes"
    );
    assert_eq!(empty.reset(10)?.len(), 10);
    assert_eq!(empty.reset(0)?.len(), 0);
    Ok(())
}

#[test]
fn a_reset_keeps_the_block_while_it_can() -> Result<()> {
    let mut buffer = Pool::new().take(100);
    let address = buffer.as_ptr();
    buffer.reset(50)?;
    buffer.reset(100)?;
    assert_eq!(buffer.as_ptr(), address);

    let reader = buffer.clone();
    buffer.reset(100)?.fill(1);
    assert_ne!(buffer.as_ptr(), address);
    assert_eq!(uniform(&reader), Some(0));

    drop(reader); // its block goes to the shelf, and is the next one taken
    let _other = buffer.clone();
    buffer.reset(100)?;
    assert_eq!(buffer.as_ptr(), address);
    Ok(())
}

#[test]
fn a_reset_that_fails_changes_nothing() -> Result<()> {
    let mut buffer = Pool::new().take(4);
    buffer.make_mut().fill(9);
    assert!(buffer.reset(usize::MAX).is_err());
    assert_eq!(&*buffer, [9; 4]);
    Ok(())
}

#[test]
fn floats_are_the_same_bytes() {
    let mut buffer = Pool::new().take(11);
    buffer.make_mut_f32().copy_from_slice(&[1.5, -2.0]);
    assert_eq!(buffer.as_f32(), [1.5, -2.0]);
    assert_eq!(buffer[..4], 1.5_f32.to_ne_bytes());
}

/// Every thread clones what it was given, writes to its own, and drops all in an order of its own.
/// Nobody may ever see the bytes of somebody else.
#[test]
fn nobody_sees_what_another_writes() {
    let pool = Pool::new();
    for round in 0..ROUNDS.div_ceil(16) {
        let mut first = pool.take(LEN);
        first.make_mut().fill(round as u8);
        thread::scope(|scope| {
            for writer in 1..4_u8 {
                let given = first.clone();
                scope.spawn(move || {
                    let mut own = given.clone();
                    own.make_mut().fill(writer);
                    let again = given.clone();
                    drop(given);
                    assert_eq!(uniform(&again), Some(round as u8));
                    assert_eq!(uniform(&own), Some(writer));
                });
            }
            assert_eq!(uniform(&first), Some(round as u8));
            drop(first);
        });
    }
    assert!((1..=8).contains(&pool.free_blocks()));
}

/// The last holder on any thread gives the block back once, and who takes it next has it alone.
#[test]
fn a_block_comes_back_once_from_whichever_thread_is_last() {
    let pool = Pool::new();
    let start = Barrier::new(3);
    thread::scope(|scope| {
        for writer in 1..=3_u8 {
            let (pool, start) = (pool.clone(), &start);
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    if cfg!(miri) {
                        start.wait();
                    }
                    let mut own = pool.take(LEN);
                    assert!(own.is_unique());
                    own.make_mut().fill(writer);
                    let other = own.clone();
                    drop(own);
                    assert_eq!(uniform(&other), Some(writer));
                }
            });
        }
    });
    assert!((1..=3).contains(&pool.free_blocks()), "{pool:?}");
}

/// A writer that waits until its readers are gone and then writes in place: the reads that came before
/// their drops must not see it. This is the pair of `is_unique` and `drop`.
#[test]
fn a_writer_waits_for_the_last_reader_only() {
    let mut buffer = Pool::new().take(LEN);
    let address = buffer.as_ptr();
    for round in 0..ROUNDS.div_ceil(16) {
        let value = round as u8;
        buffer.make_mut().fill(value);
        let seen = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..2 {
                let reader = buffer.clone();
                let seen = &seen;
                scope.spawn(move || {
                    assert_eq!(uniform(&reader), Some(value));
                    drop(reader);
                    seen.fetch_add(1, Ordering::Relaxed); // orders nothing: the count of holders has to
                });
            }
            while !buffer.is_unique() {
                thread::yield_now();
            }
            buffer.as_mut_slice().unwrap_or_default().fill(!value);
        });
        assert_eq!(seen.into_inner(), 2);
    }
    assert_eq!(buffer.as_ptr(), address, "nothing was copied");
}
