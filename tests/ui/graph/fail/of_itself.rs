use streamlib::prelude::*;

pipeline! {
    graph Mirror();
    in video: VideoFrame;
    out program: VideoFrame;
    mirror = Mirror::new()?;
    video >> mirror;
    mirror >> program;
}

fn main() {}
