use streamlib::prelude::*;

pipeline! {
    graph Branded();
    in video: VideoFrame;
    in key: VideoFrame;
    video >> Null::new();
}

fn main() {}
