use streamlib::prelude::*;

pipeline! {
    graph Branded();
    in video: VideoFrame;
    out program: VideoFrame;
    video >> program;
}

fn main() {}
