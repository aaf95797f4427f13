use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        mix = Compositor::new(640, 360);
        bars >> mix::layers;
        mix >> Null::new();
    };
}
