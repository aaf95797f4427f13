use streamlib::prelude::*;

#[actor]
fn same(#[input] video: &VideoFrame) -> Output<VideoFrame> {
    todo!("{video:?}")
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> same() >> Null::new() };
}
