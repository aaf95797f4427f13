use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::Bars).fps(60);
        bars >> Null::new();
    };
}
