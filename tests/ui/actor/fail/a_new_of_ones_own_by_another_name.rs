use streamlib::prelude::*;

#[actor(new = assemble)]
struct Keep<T: Message> {
    #[input]
    item: Input<T>,
    last: Option<T>,
    most: std::collections::BTreeMap<String, T>,
}

impl<T: Message> Keep<T> {
    pub fn new() -> Self {
        Self::assemble()
    }

    fn assemble() -> Self {
        loop {}
    }
}

impl<T: Message> Actor for Keep<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = (&self.last, &self.most);
        Ok(())
    }
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> Keep::new() };
}
