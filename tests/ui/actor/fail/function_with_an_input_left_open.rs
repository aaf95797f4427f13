use streamlib::prelude::*;

#[actor]
fn luma(#[input] video: &VideoFrame, gain: u32) -> DataMessage<u32> {
    DataMessage::new(video.width() * gain)
}

fn main() {
    let _ = pipeline! { luma(2) >> Null::new() };
}
