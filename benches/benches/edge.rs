//! An edge of a `pipeline!` beside the ring's own calls: publish an item, and read it.

use criterion::{Criterion, criterion_group, criterion_main};
use streamlib::prelude::VideoFrame;
use streamlib_benches::edge::{Cargo, Number, by_hand, of_a_pipeline};

fn edge<T: Cargo, const N: usize>(c: &mut Criterion, name: &str) {
    let mut group = c.benchmark_group(name);
    let mut number = 0;
    let mut bench = |name: &str, mut publish_and_read: Box<dyn FnMut(u64)>| {
        group.bench_function(name, |b| {
            b.iter(|| {
                number += 1;
                publish_and_read(number);
            });
        });
    };
    bench("pipeline!", Box::new(of_a_pipeline::<T, N>()));
    bench("by hand", Box::new(by_hand::<T, N>()));
}

fn edges(c: &mut Criterion) {
    edge::<Number, 1>(c, "number, 1 reader");
    edge::<Number, 4>(c, "number, 4 readers");
    edge::<VideoFrame, 1>(c, "frame, 1 reader");
    edge::<VideoFrame, 4>(c, "frame, 4 readers");
}

criterion_group!(benches, edges);
criterion_main!(benches);
