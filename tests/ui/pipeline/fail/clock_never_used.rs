#![deny(unused)]

use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        clock house = SoftwareClock::fps(60);
        TestPattern::new(Pattern::SmpteBars).fps(60) >> Null::new();
    };
}
