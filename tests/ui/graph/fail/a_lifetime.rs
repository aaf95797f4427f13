use streamlib::prelude::*;

pipeline! {
    graph Titled<'a>(text: &'a str);
    in video: VideoFrame;
    video >> Null::new();
}

fn main() {}
