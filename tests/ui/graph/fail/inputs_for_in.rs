use streamlib::prelude::*;

pipeline! {
    graph Branded();
    inputs video: VideoFrame;
    video >> Null::new();
}

fn main() {}
