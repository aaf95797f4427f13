use streamlib::prelude::*;

#[actor]
struct Encoder {
    #[input]
    video: Input<VideoFrame>,
    rates: Vec<std::time::Instant>,
}

impl Actor for Encoder {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        pattern = TestPattern::new(Pattern::SmpteBars).fps(60);
        enc     = Encoder::new(Vec::new()) on process;
        pattern >> enc;
    };
}
