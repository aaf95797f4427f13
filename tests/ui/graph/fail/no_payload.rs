use streamlib::prelude::*;

pipeline! {
    graph Branded();
    in video;
    out program: VideoFrame;
    mix = Compositor::new(320, 180);
    video >> mix.layers;
    mix >> program;
}

fn main() {}
