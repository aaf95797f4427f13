use streamlib::prelude::*;

#[actor]
fn show(#[input] video: &VideoFrame, (left, top): (u32, u32)) {
    println!("{}", video.width() + left + top);
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show((1, 2)) };
}
