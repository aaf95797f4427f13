use streamlib::prelude::*;

fn main() {
    let bars = TestPattern::new(Pattern::SmpteBars).fps(60);
    let _ = pipeline! {
        clock house = SoftwareClock::fps(60);
        show = Null::new() on house;
        bars >> show;
    };
}
