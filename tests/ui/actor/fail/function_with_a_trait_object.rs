use streamlib::prelude::*;

#[actor]
fn apply(#[input] video: &VideoFrame, with: &dyn Fn(u32)) {
    with(video.width());
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> apply(&|_| ()) };
}
