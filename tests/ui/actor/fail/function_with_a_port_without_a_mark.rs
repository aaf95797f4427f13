use streamlib::prelude::*;

#[actor]
fn show(video: &mut Input<VideoFrame>) {
    drop(video.latest());
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show() };
}
