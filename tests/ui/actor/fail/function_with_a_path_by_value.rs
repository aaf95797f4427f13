use streamlib::prelude::*;

#[actor]
fn label(#[input] video: &VideoFrame, file: std::path::PathBuf) {
    let _ = (video, file);
}

fn main() {
    let bars = TestPattern::new(Pattern::SmpteBars).fps(60);
    let _ = pipeline! { bars >> label("a.png".into()) };
}
