use streamlib::prelude::*;

pipeline! {
    graph Branded;
    in video: VideoFrame;
    video >> Null::new();
}

fn main() {}
