use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        ramp =
        null = Null::new();
        ramp >> null;
        TestPattern::new(Pattern::Black).fps(50) >> Null::new();
    };
}
