use streamlib::prelude::*;

#[actor]
fn show<'a>(#[input] video: &'a VideoFrame, title: &'a str) {
    println!("{title}: {}", video.width());
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::White).fps(60) >> show("north") };
}
