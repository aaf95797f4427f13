use streamlib::prelude::*;

#[actor]
fn show(&self, #[input] video: &VideoFrame) {
    println!("{}", video.width());
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show() };
}
