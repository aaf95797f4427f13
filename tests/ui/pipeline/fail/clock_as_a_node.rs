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
        clock house = SoftwareClock::fps(50);
        bars = TestPattern::new(Pattern::SmpteBars) @ house;
        bars >> Screen::new();
        bars >> house;
        house >> Screen::new();
    };
}
