use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = GpuTestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> Convert::to(PixelFormat::I420) >> Null::new();
    };
}
