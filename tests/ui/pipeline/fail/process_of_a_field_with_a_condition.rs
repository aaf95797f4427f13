use streamlib::prelude::*;

#[actor]
struct Encoder {
    #[input]
    video: Input<VideoFrame>,
    #[cfg(unix)]
    quality: u8,
}

impl Actor for Encoder {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        pattern = TestPattern::new(Pattern::SmpteBars).fps(60);
        enc     = Encoder::new(7) on process;
        pattern >> enc;
    };
}
