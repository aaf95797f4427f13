use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars: TestPattern = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> Null::new();
    };
}
