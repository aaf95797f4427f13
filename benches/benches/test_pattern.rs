//! SMPTE bars at 1080p: a new pattern's first frame, and its later ones.

use criterion::{Criterion, criterion_group, criterion_main};
use streamlib::Result;
use streamlib::actor::Harness;
use streamlib::prelude::TestPattern;
use streamlib_benches::bars;

fn first_tick() -> Result<Harness<TestPattern>> {
    let mut harness = Harness::new(bars::pattern())?;
    harness.tick()?;
    Ok(harness)
}

fn smpte_bars(c: &mut Criterion) {
    let mut group = c.benchmark_group("SMPTE bars 1080p");
    group.bench_function("first frame", |b| b.iter(|| first_tick().expect("a frame")));
    let mut harness = first_tick().expect("a frame");
    group.bench_function("later frame", |b| {
        b.iter(|| harness.tick().expect("a frame"))
    });
}

criterion_group!(benches, smpte_bars);
criterion_main!(benches);
