use streamlib::prelude::*;

#[actor]
fn show(&self, #[input] video: &VideoFrame) {
    println!("{}", video.width());
}

fn main() {}
