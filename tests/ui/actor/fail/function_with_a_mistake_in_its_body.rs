use streamlib::prelude::*;

#[actor]
fn luma(#[input] video: &VideoFrame) -> DataMessage<u32> {
    video.width()
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> luma() >> Null::new() };
}
