use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        clock house = SoftwareClock::fps(60);
        bars = TestPattern::new(Pattern::SmpteBars) @
        bars >> Null::new();
    };
}
