use streamlib::prelude::*;

#[actor]
fn show(#[input] mut video: Input<VideoFrame>) {
    drop(video.latest());
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show() };
}
