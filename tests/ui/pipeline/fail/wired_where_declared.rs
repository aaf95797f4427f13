use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        null = Null::new();
        bars = TestPattern::new(Pattern::SmpteBars).fps(60) >> null;
    };
}
