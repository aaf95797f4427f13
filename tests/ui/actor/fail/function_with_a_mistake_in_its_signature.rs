use streamlib::prelude::*;

#[actor]
fn luma(#[input] video: &VideoFrime) -> DataMessage<u32> {
    DataMessage::new(video.width())
}

fn main() {}
