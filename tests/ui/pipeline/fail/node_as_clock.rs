use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        ramp = TestPattern::new(Pattern::Gradient) @ bars;
        bars >> Null::new();
        ramp >> Null::new();
    };
}
