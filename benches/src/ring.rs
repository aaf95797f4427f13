//! The ring beside `triple_buffer`, on one thread with nobody else about.

use std::hint::black_box;

use streamlib::ring;
use triple_buffer::triple_buffer;

use crate::figures::{Figures, per_call_ns};

const CALLS: u64 = 1_000_000;

/// A write, and a read of what was written, of a `u64`.
#[must_use]
pub fn write_and_read() -> Figures {
    let (mut writer, [mut reader]) = ring::latest::<u64, 1>();
    Figures::one(
        "ns",
        per_call_ns(CALLS, |number| {
            writer.write(black_box(number));
            black_box(reader.latest());
        }),
    )
}

/// The same with `triple_buffer`.
#[must_use]
pub fn triple_buffer_write_and_read() -> Figures {
    let (mut input, mut output) = triple_buffer(&0_u64);
    Figures::one(
        "ns",
        per_call_ns(CALLS, |number| {
            input.write(black_box(number));
            black_box(output.read());
        }),
    )
}

/// A read when nothing new was written.
#[must_use]
pub fn clean_read() -> Figures {
    let (mut writer, [mut reader]) = ring::latest::<u64, 1>();
    writer.write(1);
    Figures::one(
        "ns",
        per_call_ns(CALLS, |_| {
            black_box(reader.latest());
        }),
    )
}

/// The same with `triple_buffer`.
#[must_use]
pub fn triple_buffer_clean_read() -> Figures {
    let (mut input, mut output) = triple_buffer(&0_u64);
    input.write(1);
    Figures::one(
        "ns",
        per_call_ns(CALLS, |_| {
            black_box(output.read());
        }),
    )
}

/// A write, and a read by each of four readers.
#[must_use]
pub fn write_and_four_reads() -> Figures {
    let (mut writer, mut readers) = ring::latest::<u64, 4>();
    Figures::one(
        "ns",
        per_call_ns(CALLS, |number| {
            writer.write(black_box(number));
            for reader in &mut readers {
                black_box(reader.latest());
            }
        }),
    )
}

/// The same with four of `triple_buffer`, which has one reader each.
#[must_use]
pub fn triple_buffer_write_and_four_reads() -> Figures {
    let mut buffers: [_; 4] = std::array::from_fn(|_| triple_buffer(&0_u64));
    Figures::one(
        "ns",
        per_call_ns(CALLS, |number| {
            for (input, _) in &mut buffers {
                input.write(black_box(number));
            }
            for (_, output) in &mut buffers {
                black_box(output.read());
            }
        }),
    )
}
