use streamlib::prelude::*;

#[actor]
struct Invert {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    inverted: Output<VideoFrame>,
}

impl Actor for Invert {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        invert = Invert::new();
        bars >> invert.video;
        invert.video >> Null::new();
    };
}
