use streamlib::prelude::*;

#[actor]
struct Split {
    #[input]
    video: Output<VideoFrame>,
    #[output]
    luma: Output<VideoFrame>,
}

impl Actor for Split {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> Split::new() >> Null::new() };
}
