use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> Compositor::new(640, 360).layers;
    };
}
