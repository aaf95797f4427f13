use streamlib::prelude::*;

#[actor]
fn show(#[input] video: &VideoFrame, lines: Vec<u32>) {
    println!("{}", video.width() + lines.iter().sum::<u32>());
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show(vec![1, 2]) };
}
