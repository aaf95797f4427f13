use streamlib::prelude::*;

#[actor]
struct Screen<T: Message + ?Sized> {
    #[input]
    item: Input<T>,
}

impl<T: Message> Actor for Screen<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> Screen::new() };
}
