use streamlib::prelude::*;

#[actor]
struct Screen {
    #[input]
    video: Input<VideoFrame>,
    left: u32,
}

impl Screen {
    fn new() -> Self {
        loop {}
    }
}

impl Actor for Screen {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> Screen::new() };
}
