use streamlib::prelude::*;

struct Invert {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    inverted: Output<VideoFrame>,
}

impl Actor for Invert {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let _ = (&self.video, &self.inverted, tick);
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> Invert::new() >> Null::new();
    };
}
