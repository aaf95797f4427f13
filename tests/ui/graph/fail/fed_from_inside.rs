use streamlib::prelude::*;

pipeline! {
    graph Branded();
    in video: VideoFrame;
    out program: VideoFrame;
    mix = Compositor::new(320, 180);
    mix >> video;
    video >> mix.layers;
    mix >> program;
}

fn main() {}
