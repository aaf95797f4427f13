use streamlib::prelude::*;

#[actor]
struct Fade {
    #[input]
    from: Input<VideoFrame>,
    #[input]
    to: Input<VideoFrame>,
}

impl Actor for Fade {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        TestPattern::new(Pattern::SmpteBars).fps(60) >> Fade::new();
    };
}
