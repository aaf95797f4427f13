use streamlib::prelude::*;

pipeline! {
    graph Branded();
    in keys: KeyEvent;
    out program: VideoFrame;
    mix = Compositor::new(320, 180);
    keys >> mix.layers;
    mix >> program;
}

fn main() {}
