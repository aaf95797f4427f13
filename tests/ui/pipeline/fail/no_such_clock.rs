use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        clock house = SoftwareClock::new(Rate::fps(60));
        bars = TestPattern::new(Pattern::SmpteBars) @ huose;
        ramp = TestPattern::new(Pattern::SmpteBars) @ house;
        bars >> Null::new();
        ramp >> Null::new();
    };
}
