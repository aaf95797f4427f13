use streamlib::prelude::*;

#[actor]
fn invert(#[input] output: &VideoFrame) -> VideoFrame {
    output.clone()
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> invert() >> Null::new() };
}
