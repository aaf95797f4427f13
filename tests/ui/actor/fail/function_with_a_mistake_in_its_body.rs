use streamlib::prelude::*;

#[actor]
fn luma(#[input] video: &VideoFrame) -> DataMessage<u32> {
    video.width()
}

fn main() {}
