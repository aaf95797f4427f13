use streamlib::prelude::*;

#[actor]
fn show(#[input] video: &mut VideoFrame) {
    drop(video.clone());
}

fn main() {}
