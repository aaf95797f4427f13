use streamlib::prelude::*;

#[actor]
fn show(#[input] video: &VideoFrame, #[cfg(all())] left: u32) {
    println!("{}", video.width() + left);
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show(1) };
}
