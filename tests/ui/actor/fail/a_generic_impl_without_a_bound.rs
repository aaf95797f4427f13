use streamlib::prelude::*;

#[actor]
struct Tee<T: Message> {
    #[input]
    item: Input<T>,
    #[output]
    left: Output<T>,
}

impl<T> Actor for Tee<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> Tee::new() >> Null::new() };
}
