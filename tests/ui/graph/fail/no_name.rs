use streamlib::prelude::*;

fn main() {
    let _ = pipeline! {
        in video: VideoFrame;
        video >> Null::new();
    };
}
