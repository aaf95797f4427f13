use streamlib::prelude::*;

#[actor]
struct Screen {
    #[inptu(every = 8)]
    video: Input<VideoFrame>,
}

impl Actor for Screen {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = self.video.latest();
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        TestPattern::new(Pattern::SmpteBars).fps(50) >> Screen::new();
    };
}
