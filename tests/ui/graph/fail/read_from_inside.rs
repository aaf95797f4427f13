use streamlib::prelude::*;

pipeline! {
    graph Branded();
    in video: VideoFrame;
    out program: VideoFrame;
    mix = Compositor::new(320, 180);
    video >> mix.layers;
    mix >> program >> Display::new("north");
}

fn main() {}
