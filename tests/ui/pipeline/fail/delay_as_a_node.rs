use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        late = delay(2);
        bars >> late >> Null::new();
    };
}
