use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        type = TestPattern::new(Pattern::Black).fps(3);
        type >> Null::new();
    };
}
