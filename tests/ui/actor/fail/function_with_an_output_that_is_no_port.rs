use streamlib::prelude::*;

#[actor]
fn show(#[output] video: &mut VideoFrame) {
    drop(video.clone());
}

fn main() {
    let _ = pipeline! { show().fps(60) >> Null::new() };
}
