use streamlib::prelude::*;

pipeline! {
    graph Branded();
    in video: VideoFrame;
    video.left >> Null::new();
}

fn main() {}
