use streamlib::prelude::*;

#[actor]
fn split(#[input] video: &VideoFrame) -> (VideoFrame, VideoFrame) {
    (video.clone(), video.clone())
}

fn main() {}
