use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        #[allow(unused)]
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> Null::new();
    };
}
