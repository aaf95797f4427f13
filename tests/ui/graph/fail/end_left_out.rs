use streamlib::prelude::*;

pipeline! {
    graph Branded();
    in video: VideoFrame;
    out
    video >> Null::new();
}

fn main() {}
