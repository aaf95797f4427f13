use streamlib::prelude::*;

pipeline! {
    pub graph Branded(width: u32) {
        in video: VideoFrame;
        out program: VideoFrame;
        video >> Compositor::new(width, 360) >> program;
    }
}

fn main() {}
