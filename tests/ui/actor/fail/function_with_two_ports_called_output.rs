use streamlib::prelude::*;

#[actor]
fn invert(#[input] output: &VideoFrame) -> VideoFrame {
    output.clone()
}

fn main() {}
