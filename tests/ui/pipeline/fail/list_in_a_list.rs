use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        null = Null::new();
        bars >> [[null], Null::new()];
    };
}
