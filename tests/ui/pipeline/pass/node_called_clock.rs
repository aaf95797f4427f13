use streamlib::prelude::*;

pub fn main() {
    let _ = pipeline! {
        clock = TestPattern::new(Pattern::SmpteBars).fps(60);
        clock >> Null::new();
    };
}
