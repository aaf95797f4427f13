use streamlib::prelude::*;

#[actor]
fn luma(#[input] video: &VideoFrime) -> DataMessage<u32> {
    DataMessage::new(video.width())
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> luma() >> Null::new() };
}
