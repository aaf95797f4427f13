use streamlib::prelude::*;

#[actor]
fn apply(#[input] video: &VideoFrame, with: impl Fn(u32)) {
    with(video.width());
}

fn main() {}
