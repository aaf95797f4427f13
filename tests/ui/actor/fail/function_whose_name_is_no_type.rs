use streamlib::prelude::*;

#[actor]
fn _1(#[input] video: &VideoFrame) -> DataMessage<u32> {
    DataMessage::new(video.width())
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> _1() >> Null::new() };
}
