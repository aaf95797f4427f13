use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> delay(-1) >> Null::new();
    };
}
