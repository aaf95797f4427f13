use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars = TestPattern::new(Pattern::Black).fps(60);
        bars >> Null::new();
    };
}
