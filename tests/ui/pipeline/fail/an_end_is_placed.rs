use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        clock house = SoftwareClock::new(Rate::fps(60));
        TestPattern::new(Pattern::SmpteBars) @ house >> Null::new();
    };
}
