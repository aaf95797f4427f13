use streamlib::prelude::*;

fn main() {
    let bars = TestPattern::new(Pattern::SmpteBars).fps(60);
    let _ = pipeline! {
        return;
        bars >> Null::new();
    };
}
