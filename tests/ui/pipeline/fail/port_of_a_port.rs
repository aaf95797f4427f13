use streamlib::prelude::*;

#[actor]
struct Screen {
    #[input]
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
        bars = TestPattern::new(Pattern::SmpteBars).fps(50);
        bars.video.luma >> Screen::new();
    };
}
