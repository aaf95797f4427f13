use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        show = Null::<VideoFrame>::new();
        show >> bars;
    };
}
