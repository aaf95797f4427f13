use streamlib::prelude::*;

#[actor]
fn same(#[input] video: &VideoFrame, #[output] copy: Option<&mut Output<VideoFrame>>, tick: TimedTick) {
    if let Some(copy) = copy {
        copy.send(video.clone(), tick);
    }
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> same() >> Null::new() };
}
