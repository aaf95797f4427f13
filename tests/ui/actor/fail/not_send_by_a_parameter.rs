use streamlib::prelude::*;

#[actor]
struct Keep<T: 'static> {
    #[input]
    video: Input<VideoFrame>,
    kept: T,
}

impl<T: 'static> Actor for Keep<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = &self.kept;
        Ok(())
    }

    async fn on_start(&mut self) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> Keep::new(1u8) };
}
