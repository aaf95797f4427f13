use streamlib::prelude::*;

#[actor]
fn show(#[input] video: &VideoFrame, title: &std::rc::Rc<u8>) {
    println!("{title}: {}", video.width());
}

fn main() {}
