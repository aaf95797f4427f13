use streamlib::prelude::*;

#[actor]
fn show(#[input] video: &VideoFrame, title: String) {
    println!("{title}: {}", video.width());
}

fn main() {
    let title = String::from("north");
    let _ = pipeline! { TestPattern::new(Pattern::White).fps(60) >> show(title) };
}
