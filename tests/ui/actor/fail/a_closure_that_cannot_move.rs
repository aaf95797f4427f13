use streamlib::prelude::*;

#[actor]
struct Apply<F> {
    #[input]
    video: Input<VideoFrame>,
    with: F,
}

impl<F: FnMut(&VideoFrame) + Send + 'static> Actor for Apply<F> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            (self.with)(&frame);
        }
        Ok(())
    }
}

fn main() {
    let seen = std::rc::Rc::new(std::cell::Cell::new(0));
    let count = move |_: &VideoFrame| seen.set(seen.get() + 1);
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> Apply::new(count) };
}
