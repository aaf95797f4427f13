use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        clock house = SoftwareClock::new(Rate::fps(60));
        house = TestPattern::new(Pattern::SmpteBars) @ house;
        house >> Null::new();
    };
}
