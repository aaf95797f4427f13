use streamlib::prelude::*;

#[actor]
fn first(#[input] videos: &[VideoFrame]) -> VideoFrame {
    videos[0].clone()
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> first() >> Null::new() };
}
