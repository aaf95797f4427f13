use streamlib::prelude::*;

pipeline! {
    graph Branded();
    in video: VideoFrame;
    graph Other();
    video >> Null::new();
}

fn main() {}
