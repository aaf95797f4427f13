//! The ring under loom: every interleaving of a writer and its readers, on small bounds.
//!
//! ```sh
//! RUSTFLAGS="--cfg streamlib_loom" CARGO_TARGET_DIR=target/loom \
//!     cargo test --release -p streamlib --no-default-features --test ring_loom
//! ```
//!
//! Loom itself fails a run in which a slot is written while a reader's lease on it lives, or in which
//! an item is read that was not handed over. The asserts add what the ring promises.
#![cfg(streamlib_loom)]

use loom::thread;
use streamlib::ring::{Policy, Reader, Ring, Writer};

/// Two halves that belong together: a torn item has different ones.
type Item = (u32, u32);

/// Tries all interleavings, or those with at most `preemptions` where all are too many.
fn explore(preemptions: Option<usize>, test: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = preemptions;
    model.check(test);
}

fn ring(policies: &[Policy], spare: usize) -> (Writer<Item>, Vec<Reader<Item>>) {
    let builder = policies
        .iter()
        .fold(Ring::builder(), |ring, &policy| ring.reader(policy));
    builder.spare(spare).build().unwrap()
}

fn write(writer: &mut Writer<Item>, items: std::ops::RangeInclusive<u32>) {
    for n in items {
        let mut slot = writer.slot();
        slot.0 = n;
        slot.1 = n;
        slot.publish();
    }
}

/// Reads `times` with `next`: items are whole and in order. How many there were.
fn read_new(reader: &mut Reader<Item>, times: usize) -> u64 {
    let (mut last, mut seen) = (0, 0);
    for _ in 0..times {
        if let Some(&(a, b)) = reader.next() {
            assert!(a == b && a > last);
            last = a;
            seen += 1;
        }
    }
    seen
}

/// Reads `times` with `latest`: items are whole, never go back, and never vanish.
fn read_latest(reader: &mut Reader<Item>, times: usize) {
    let mut last = 0;
    for _ in 0..times {
        match reader.latest() {
            Some(&(a, b)) => {
                assert!(a == b && a >= last);
                last = a;
            }
            None => assert_eq!(last, 0),
        }
    }
}

/// After the writer has gone: the rest comes without a gap, and what was seen and what was overwritten
/// is all of `published`.
fn read_rest(mut reader: Reader<Item>, seen: u64, published: u64) {
    assert!(reader.is_closed());
    let overwritten = reader.overwritten();
    for n in seen + overwritten + 1..=published {
        assert_eq!(reader.next(), Some(&(n as u32, n as u32)));
    }
    assert_eq!(reader.next(), None);
    assert!(!reader.has_new());
    assert_eq!(reader.overwritten(), overwritten);
}

#[test]
fn writer_and_a_latest_reader() {
    explore(None, || {
        let (mut writer, mut readers) = ring(&[Policy::Latest], 0);
        let mut reader = readers.pop().unwrap();
        let thread = thread::spawn(move || write(&mut writer, 1..=5));
        let seen = read_new(&mut reader, 3);
        thread.join().unwrap();
        read_rest(reader, seen, 5);
    });
}

#[test]
fn writer_and_two_latest_readers() {
    explore(None, || {
        let (mut writer, mut readers) = ring(&[Policy::Latest; 2], 0);
        let mut second = readers.pop().unwrap();
        let mut first = readers.pop().unwrap();
        let threads = [
            thread::spawn(move || write(&mut writer, 1..=2)),
            thread::spawn(move || read_latest(&mut first, 2)),
        ];
        let seen = read_new(&mut second, 2);
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        read_rest(second, seen, 2);
    });
}

#[test]
fn writer_and_two_latest_readers_for_longer() {
    explore(Some(3), || {
        let (mut writer, mut readers) = ring(&[Policy::Latest; 2], 0);
        let mut second = readers.pop().unwrap();
        let mut first = readers.pop().unwrap();
        let threads = [
            thread::spawn(move || write(&mut writer, 1..=4)),
            thread::spawn(move || read_latest(&mut first, 3)),
        ];
        let seen = read_new(&mut second, 3);
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        read_rest(second, seen, 4);
    });
}

#[test]
fn writer_and_a_latest_and_an_every_reader() {
    explore(Some(3), || {
        let (mut writer, mut readers) = ring(&[Policy::Latest, Policy::Every { depth: 2 }], 0);
        let mut every = readers.pop().unwrap();
        let mut latest = readers.pop().unwrap();
        let threads = [
            thread::spawn(move || write(&mut writer, 1..=4)),
            thread::spawn(move || read_latest(&mut latest, 2)),
        ];
        let seen = read_new(&mut every, 2);
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        read_rest(every, seen, 4);
    });
}

#[test]
fn a_lapped_every_reader() {
    explore(None, || {
        let (mut writer, mut readers) = ring(&[Policy::Every { depth: 2 }], 0);
        let mut every = readers.pop().unwrap();
        let thread = thread::spawn(move || write(&mut writer, 1..=5));
        let seen = read_new(&mut every, 2);
        thread.join().unwrap();
        read_rest(every, seen, 5);
    });
}

#[test]
fn an_every_reader_that_drains() {
    explore(None, || {
        let (mut writer, mut readers) = ring(&[Policy::Every { depth: 2 }], 0);
        let mut every = readers.pop().unwrap();
        let thread = thread::spawn(move || write(&mut writer, 1..=4));
        read_latest(&mut every, 2);
        read_new(&mut every, 1);
        thread.join().unwrap();
        assert_eq!(every.latest(), Some(&(4, 4)));
        assert_eq!(every.next(), None);
    });
}

#[test]
fn a_reader_leaves_while_the_writer_writes() {
    explore(None, || {
        let (mut writer, mut readers) = ring(&[Policy::Latest, Policy::Every { depth: 2 }], 0);
        let mut stays = readers.remove(0);
        let mut leaves = readers.remove(0);
        let thread = thread::spawn(move || drop((read_new(&mut leaves, 1), leaves)));
        write(&mut writer, 1..=2);
        read_latest(&mut stays, 1);
        write(&mut writer, 3..=4);
        assert_eq!(stays.latest(), Some(&(4, 4)));
        thread.join().unwrap();
        assert_eq!(writer.readers(), 1);
        write(&mut writer, 5..=8);
        assert_eq!(stays.latest(), Some(&(8, 8)));
    });
}

#[test]
fn a_reader_takes_the_place_of_another() {
    explore(Some(3), || {
        let (mut writer, mut readers) = ring(&[Policy::Latest; 2], 0);
        let attach = writer.attach_point();
        let mut stays = readers.pop().unwrap();
        let mut leaves = readers.pop().unwrap();
        let thread = thread::spawn(move || {
            read_new(&mut leaves, 1);
            assert!(attach.attach(Policy::Latest).is_err());
            drop(leaves);
            let mut late = attach
                .attach(Policy::Latest)
                .expect("the place was given back");
            read_latest(&mut late, 1);
            late
        });
        write(&mut writer, 1..=2);
        read_latest(&mut stays, 1);
        write(&mut writer, 3..=3);
        let mut late = thread.join().unwrap();
        write(&mut writer, 4..=6);
        assert_eq!(late.latest(), Some(&(6, 6)));
        assert_eq!(stays.latest(), Some(&(6, 6)));
    });
}

#[test]
fn two_readers_are_attached_at_once() {
    explore(Some(3), || {
        let (mut writer, _) = ring(&[], 2);
        let threads = [Policy::Latest; 2].map(|policy| {
            let attach = writer.attach_point();
            thread::spawn(move || {
                let mut reader = attach.attach(policy).unwrap();
                read_latest(&mut reader, 1);
                reader
            })
        });
        write(&mut writer, 1..=2);
        let mut readers = threads.map(|thread| thread.join().unwrap());
        assert!(writer.attach_point().attach(Policy::Latest).is_err());
        write(&mut writer, 3..=4);
        for reader in &mut readers {
            assert_eq!(reader.latest(), Some(&(4, 4)));
        }
    });
}

#[test]
fn the_end_comes_after_the_last_item() {
    explore(None, || {
        let (mut writer, mut readers) = ring(&[Policy::Latest], 0);
        let mut reader = readers.pop().unwrap();
        let thread = thread::spawn(move || write(&mut writer, 1..=2));
        if reader.is_closed() {
            assert_eq!(reader.next(), Some(&(2, 2)));
        }
        thread.join().unwrap();
        assert!(reader.is_closed());
    });
}
