use streamlib::prelude::*;

#[actor]
struct Wipe {
    #[input]
    from: Input<VideoFrame>,
    #[input]
    to: Input<VideoFrame>,
    #[output]
    video: Output<VideoFrame>,
}

impl Actor for Wipe {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        wipe = Wipe::new();
        bars >> wipe.from;
        wipe.to >> Null::new();
    };
}
