use streamlib::prelude::*;

struct Plain;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> Plain;
    };
}
