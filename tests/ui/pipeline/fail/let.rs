use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        let bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> Null::new();
    };
}
