use streamlib::prelude::*;

#[actor]
struct Screen<'a> {
    #[input]
    video: Input<VideoFrame>,
    title: &'a str,
}

fn main() {}
