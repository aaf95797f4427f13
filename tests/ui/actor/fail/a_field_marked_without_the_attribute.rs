use streamlib::prelude::*;

struct Screen {
    #[input]
    video: Input<VideoFrame>,
}

fn main() {}
