use std::rc::Rc;

use streamlib::prelude::*;

#[actor]
struct Screen {
    #[input]
    video: Input<VideoFrame>,
}

impl Actor for Screen {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let count = Rc::new(1);
        std::future::ready(()).await;
        drop(count);
        Ok(())
    }
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> Screen::new() };
}
