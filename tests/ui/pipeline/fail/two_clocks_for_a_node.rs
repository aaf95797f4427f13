use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        clock house = SoftwareClock::new(Rate::fps(60));
        bars = TestPattern::new(Pattern::SmpteBars) @ house @ house;
        bars >> Null::new();
    };
}
