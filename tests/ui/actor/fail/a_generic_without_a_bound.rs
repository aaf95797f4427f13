use streamlib::prelude::*;

#[actor]
struct Tee<T> {
    #[input]
    item: Input<T>,
    #[output]
    left: Output<T>,
    #[output]
    right: Output<T>,
}

impl<T: Message> Actor for Tee<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        tee = Tee::new();
        TestPattern::new(Pattern::SmpteBars).fps(60) >> tee;
        tee.left >> Null::new();
        tee.right >> Null::new();
    };
}
