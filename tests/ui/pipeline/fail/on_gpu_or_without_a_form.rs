use streamlib::prelude::*;

#[actor]
struct Blur {
    #[input]
    video: Input<GpuFrame>,
    #[output]
    blurred: Output<GpuFrame>,
}

impl Actor for Blur {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        bars = GpuTestPattern::new(Pattern::SmpteBars).fps(60);
        blur = Blur::new() on gpu.or(threads);
        bars >> blur >> Null::new();
    };
}
