use streamlib::prelude::*;

#[actor]
fn show(#[input] mut video: Input<VideoFrame>) {
    drop(video.latest());
}

fn main() {}
