use streamlib::prelude::*;

#[actor]
fn show(#[input] video: &Input<VideoFrame>) {
    println!("{video:?}");
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::White).fps(60) >> show() };
}
