use streamlib::prelude::*;

#[actor]
fn show(video: &mut Input<VideoFrame>) {
    drop(video.latest());
}

fn main() {}
