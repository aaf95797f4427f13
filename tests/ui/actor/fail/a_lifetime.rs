use streamlib::prelude::*;

#[actor]
struct Screen<'a, 'b> {
    #[input]
    video: Input<VideoFrame>,
    title: &'a str,
    subtitle: &'b str,
}

fn main() {}
