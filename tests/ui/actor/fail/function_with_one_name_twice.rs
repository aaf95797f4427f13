use streamlib::prelude::*;

#[actor]
fn show(#[input] video: &VideoFrame, video: u32) {
    println!("{}", video);
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show(1) };
}
