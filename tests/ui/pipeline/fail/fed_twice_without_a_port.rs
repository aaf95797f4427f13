use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        ramp = TestPattern::new(Pattern::Gradient).fps(60);
        null = Null::new();
        bars >> null;
        ramp >> null;
    };
}
