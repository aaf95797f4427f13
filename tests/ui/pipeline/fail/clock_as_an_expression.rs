use streamlib::prelude::*;

fn main() {
    let bars = TestPattern::new(Pattern::SmpteBars).fps(60);
    let _ = pipeline! {
        mix = Compositor::new(640, 360) @ SoftwareClock::fps(50);
        bars >> mix;
        mix >> Null::new();
    };
}
