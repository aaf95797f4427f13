//! The ring under load: no reader ever sees a torn item, and a lease that is kept holds nobody up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use streamlib::ring::{Policy, Reader, Ring, Writer};

/// 8 KiB of one number: an item that two threads touched at once shows two numbers.
type Page = [u64; 1024];

const ITEMS: u64 = if cfg!(debug_assertions) {
    100_000
} else {
    1_000_000
};

fn write(writer: &mut Writer<Page>, n: u64) {
    let mut slot = writer.slot();
    slot.fill(n);
    slot.publish();
}

/// The number on a page, which is the same all over.
fn number(page: &Page) -> u64 {
    let n = page[0];
    // From the far end, so that a writer that overtakes is met.
    assert!(
        page.iter().rev().all(|&word| word == n),
        "torn: {n} and others"
    );
    n
}

/// Reads in order to the end; all that was not seen must have been counted as overwritten.
fn read_to_the_end(mut reader: Reader<Page>, started: u64) -> u64 {
    let (mut last, mut seen) = (started, 0);
    loop {
        let closed = reader.is_closed();
        while let Some(page) = reader.next() {
            let n = number(page);
            assert!(n > last, "{n} after {last}");
            last = n;
            seen += 1;
        }
        if closed {
            assert_eq!(seen + reader.overwritten(), ITEMS - started);
            assert_eq!(last, ITEMS);
            return seen;
        }
        thread::yield_now();
    }
}

#[test]
fn no_reader_sees_a_torn_item() {
    let (mut writer, mut readers) = Ring::builder()
        .readers(2)
        .reader(Policy::Every { depth: 2 })
        .reader(Policy::Every { depth: 7 })
        .spare(3)
        .build_with(|| [0; 1024])
        .unwrap();
    let attach = writer.attach_point();
    let done = AtomicBool::new(false);
    let mut newest = readers.remove(0);
    thread::scope(|scope| {
        let readers: Vec<_> = readers
            .into_iter()
            .map(|reader| scope.spawn(|| read_to_the_end(reader, 0)))
            .collect();
        let latest = scope.spawn(|| {
            let mut last = 0;
            while !done.load(Ordering::Relaxed) {
                if let Some(page) = newest.latest() {
                    let n = number(page);
                    assert!(n >= last);
                    last = n;
                }
            }
            last
        });
        // Readers that come and go, of changing depth, in the same places.
        let guests = scope.spawn(|| {
            let mut came = 0_usize;
            while !done.load(Ordering::Relaxed) {
                let depth = came % 3 + 1;
                let mut guest = attach.attach(Policy::Every { depth }).unwrap();
                for _ in 0..came % 5 {
                    if let Some(page) = guest.next() {
                        number(page);
                    }
                    thread::yield_now();
                }
                if let Some(page) = guest.latest() {
                    number(page);
                }
                came += 1;
            }
            came
        });
        for n in 1..=ITEMS {
            write(&mut writer, n);
        }
        drop(writer);
        let seen: Vec<_> = readers.into_iter().map(|reader| reader.join()).collect();
        done.store(true, Ordering::Relaxed); // before anything is asserted, or a failure would never end
        assert!(seen.into_iter().all(|seen| seen.unwrap() > 0));
        assert!(latest.join().unwrap() > 0);
        assert!(guests.join().unwrap() > 0);
    });
}

#[test]
fn a_lease_that_is_kept_neither_changes_nor_stalls_the_writer() {
    let (mut writer, mut readers) = Ring::builder()
        .reader(Policy::Latest)
        .reader(Policy::Every { depth: 3 })
        .build_with(|| [0; 1024])
        .unwrap();
    let mut every = readers.pop().unwrap();
    let mut latest = readers.pop().unwrap();
    write(&mut writer, 1);
    let held = [latest.latest().unwrap(), every.next().unwrap()];
    // One thread: if the writer waited for the leases, this would not come to an end.
    for n in 2..=100_000 {
        write(&mut writer, n);
        if n % 10_000 == 0 {
            assert_eq!(held.map(number), [1, 1]);
        }
    }
    assert_eq!(held.map(number), [1, 1]);
    assert_eq!(latest.next().map(number), Some(100_000));
    assert_eq!(latest.overwritten(), 99_998);
    assert_eq!(every.next().map(number), Some(99_998));
    assert_eq!(every.overwritten(), 99_996);
}

/// The same with the reader on another thread, asleep with its lease for a second.
#[test]
fn a_reader_asleep_with_its_lease() {
    let (mut writer, mut readers) = Ring::builder().readers(1).build_with(|| [0; 1024]).unwrap();
    let mut reader = readers.pop().unwrap();
    write(&mut writer, 1);
    let asleep = AtomicBool::new(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            let page = reader.latest().unwrap();
            let before = page[0];
            thread::sleep(std::time::Duration::from_secs(1));
            asleep.store(false, Ordering::Relaxed);
            assert_eq!(number(page), before);
        });
        let mut n = 1;
        while asleep.load(Ordering::Relaxed) {
            n += 1;
            write(&mut writer, n);
        }
        assert!(n > 1_000, "the writer wrote only {n} items in a second");
    });
    assert!(reader.overwritten() > 0);
}
