use streamlib::prelude::*;

#[actor]
fn same(#[input] video: &VideoFrame) -> &VideoFrame {
    video
}

fn main() {}
