//! The ring's write and read beside `triple_buffer`'s.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use streamlib::ring;
use triple_buffer::triple_buffer;

fn write_and_read(c: &mut Criterion) {
    let mut group = c.benchmark_group("write and read");
    let (mut writer, [mut reader]) = ring::latest::<u64, 1>();
    group.bench_function("ring", |b| {
        b.iter(|| {
            writer.write(black_box(1));
            black_box(reader.latest());
        });
    });
    let (mut input, mut output) = triple_buffer(&0_u64);
    group.bench_function("triple_buffer", |b| {
        b.iter(|| {
            input.write(black_box(1));
            black_box(output.read());
        });
    });
    let (mut writer, mut readers) = ring::latest::<u64, 4>();
    group.bench_function("ring, 4 readers", |b| {
        b.iter(|| {
            writer.write(black_box(1));
            for reader in &mut readers {
                black_box(reader.latest());
            }
        });
    });
}

fn clean_read(c: &mut Criterion) {
    let mut group = c.benchmark_group("clean read");
    let (mut writer, [mut reader]) = ring::latest::<u64, 1>();
    writer.write(1);
    group.bench_function("ring", |b| {
        b.iter(|| {
            black_box(reader.latest());
        })
    });
    let (mut input, mut output) = triple_buffer(&0_u64);
    input.write(1);
    group.bench_function("triple_buffer", |b| {
        b.iter(|| {
            black_box(output.read());
        })
    });
}

criterion_group!(benches, write_and_read, clean_read);
criterion_main!(benches);
