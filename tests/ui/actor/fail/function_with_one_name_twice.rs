use streamlib::prelude::*;

#[actor]
fn show(#[input] video: &VideoFrame, video: u32) {
    println!("{}", video);
}

fn main() {}
