use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        mix  = GpuCompositor::new(1920, 1080);
        bars >> mix.layers;
        mix >> Null::new();
    };
}
