use streamlib::prelude::*;

#[actor]
fn show<T: Send + 'static>(#[input] video: &VideoFrame, what: T) {
    drop((video.clone(), what));
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show(1) };
}
