//! A tick through a graph of a source and a sink, and what ten actors between them add to it.

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use streamlib::Result;
use streamlib_benches::hop;

fn tick(c: &mut Criterion) {
    let mut group = c.benchmark_group("tick");
    let bench = |b: &mut criterion::Bencher, lap: fn(u64) -> Result<Duration>| {
        b.iter_custom(|ticks| lap(ticks).expect("the graph starts"));
    };
    group.bench_function("source and sink", |b| {
        bench(b, |n| block_on(hop::through_none(n)))
    });
    group.bench_function("10 inline", |b| bench(b, |n| block_on(hop::through_ten(n))));
    group.bench_function("10 threads", |b| {
        bench(b, |n| block_on(hop::through_ten_threads(n)))
    });
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime on this thread").block_on(future)
}

criterion_group!(benches, tick);
criterion_main!(benches);
