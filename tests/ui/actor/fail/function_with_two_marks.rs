use streamlib::prelude::*;

#[actor]
fn show(
    #[input]
    #[output]
    video: &VideoFrame,
) {
    drop(video.clone());
}

fn main() {}
