use std::rc::Rc;

use streamlib::prelude::*;

#[actor]
struct Keep<T: Message> {
    #[input]
    item: Input<T>,
    kept: Option<T>,
    label: Rc<str>,
}

impl<T: Message + Clone> Actor for Keep<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.kept = self.item.latest().map(|item| item.clone());
        Ok(())
    }
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> Keep::new(None, "kept".into()) };
}
