use streamlib::prelude::*;

#[actor]
fn screen(video: Input<VideoFrame>) {
    drop(video);
}

fn main() {}
