use streamlib::prelude::*;

#[actor]
struct Screen {
    #[input]
    count: u32,
}

impl Actor for Screen {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.count += 1;
        Ok(())
    }
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> Screen::new() };
}
