use streamlib::prelude::*;

#[actor]
fn show(#[input] video: &VideoFrame, title: &std::rc::Rc<u8>) {
    println!("{title}: {}", video.width());
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> show(std::rc::Rc::new(1)) };
}
