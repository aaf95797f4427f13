// Round brackets around a part of a chain change nothing, and nobody complains of them.
#![deny(warnings)]
use streamlib::prelude::*;

pub fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        mix  = Compositor::new(640, 360) @ house;
        clock house = SoftwareClock::fps(60);
        (bars >> mix) >> ([Null::new(), Null::new()]);
        TestPattern::new(Pattern::Gradient).fps(60) >> (mix.layers);
    };
}
