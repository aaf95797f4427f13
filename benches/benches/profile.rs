//! What a profile costs: a tick through a source, ten `inline` actors and a sink, with none, with a table and with a trace.

use criterion::{Criterion, criterion_group, criterion_main};
use streamlib::profile;
use streamlib_benches::hop;

/// Divide the difference to `off` by twelve actors for what a tick and actor costs.
fn profiles(c: &mut Criterion) {
    let mut group = c.benchmark_group("tick of 12 actors");
    let lap = |b: &mut criterion::Bencher| {
        b.iter_custom(|ticks| block_on(hop::through_ten(ticks)).expect("the graph starts"));
    };
    group.bench_function("off", lap);
    group.bench_function("table", |b| {
        let _recording = profile::start();
        lap(b);
    });
    group.bench_function("trace", |b| {
        let path = std::env::temp_dir().join("streamlib-bench-trace.json");
        let _recording = profile::trace(&path).expect("the trace is created");
        lap(b);
        // What is written after this goes to a file without a name.
        std::fs::remove_file(&path).expect("it is there");
    });
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime on this thread").block_on(future)
}

criterion_group!(benches, profiles);
criterion_main!(benches);
