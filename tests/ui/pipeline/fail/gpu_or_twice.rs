use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = GpuTestPattern::new(Pattern::SmpteBars).fps(60) on gpu.or(threads).or(tokio);
        bars >> Null::new();
    };
}
