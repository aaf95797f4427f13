use streamlib::prelude::*;

pipeline! {
    pub struct Branded {}
    in video: VideoFrame;
    out program: VideoFrame;
    video >> Compositor::new(640, 360) >> program;
}

fn main() {}
