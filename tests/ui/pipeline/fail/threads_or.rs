use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60) on threads.or(tokio);
        bars >> Null::new();
    };
}
