use streamlib::prelude::*;

#[actor]
fn show(#[input] video: VideoFrame) {
    drop(video);
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::White).fps(60) >> show() };
}
