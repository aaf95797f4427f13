use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        let mut bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> Null::new();
    };
}
