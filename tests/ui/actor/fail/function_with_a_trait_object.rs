use streamlib::prelude::*;

#[actor]
fn apply(#[input] video: &VideoFrame, with: &dyn Fn(u32)) {
    with(video.width());
}

fn main() {}
