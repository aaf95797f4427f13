use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        self = TestPattern::new(Pattern::Black).fps(3);
        self >> Null::new();
    };
}
