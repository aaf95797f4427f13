use streamlib::prelude::*;

#[actor]
fn apply(#[input] video: &VideoFrame, with: impl Fn(u32)) {
    with(video.width());
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> apply(|_| ()) };
}
