use streamlib::prelude::*;

pipeline! {
    graph Branded();
    input video: VideoFrame;
    output program: VideoFrame;
    mix = Compositor::new(640, 360);
    video >> mix >> program;
}

fn main() {}
