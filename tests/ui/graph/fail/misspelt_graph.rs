use streamlib::prelude::*;

pipeline! {
    pub grahp Branded();
    in video: VideoFrame;
    video >> Null::new();
}

fn main() {}
