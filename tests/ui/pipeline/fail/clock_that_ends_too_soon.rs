use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        clock house =
        bars = TestPattern::new(Pattern::Black) @ house;
        bars >> Null::new();
    };
}
