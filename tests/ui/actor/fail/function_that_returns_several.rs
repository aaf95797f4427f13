use streamlib::prelude::*;

#[actor]
fn split(#[input] video: &VideoFrame) -> (VideoFrame, VideoFrame) {
    (video.clone(), video.clone())
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> split() >> Null::new() };
}
