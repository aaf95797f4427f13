use streamlib::prelude::*;

#[actor]
fn show(#[input] video: &mut VideoFrame) {
    drop(video.clone());
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show() };
}
