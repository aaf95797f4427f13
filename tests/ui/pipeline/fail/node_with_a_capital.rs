use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        BARS = TestPattern::new(Pattern::Black).fps(3);
        BARS.video >> [Null::new(), Null::new()];
    };
}
