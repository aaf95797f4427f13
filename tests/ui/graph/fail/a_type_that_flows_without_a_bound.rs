use streamlib::prelude::*;

#[actor]
struct Pass<T: Message> {
    #[input]
    item: Input<T>,
    #[output]
    same: Output<T>,
}

impl<T: Message> Actor for Pass<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

pipeline! {
    graph Through<T>();
    in item: T;
    out same: T;
    item >> Pass::<T>::new() >> same;
}

fn shown() -> Result<Pipeline> {
    pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        bars >> Through::new()? >> Null::new();
    }
}

fn main() {
    let _ = shown();
}
