use streamlib::prelude::*;

#[actor]
struct Idle {
    #[input]
    video: Input<VideoFrame>,
}

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> Idle::new();
    };
}
