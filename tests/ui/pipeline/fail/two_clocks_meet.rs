use streamlib::prelude::*;

#[actor]
struct Wipe {
    #[input]
    from: Input<VideoFrame>,
    #[input]
    to: Input<VideoFrame>,
    #[input(optional)]
    key: Input<DataMessage<f64>>,
    #[output]
    video: Output<VideoFrame>,
    #[output]
    level: Output<DataMessage<f64>>,
    seconds: f64,
}

impl Actor for Wipe {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = self.seconds;
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        clock left  = SoftwareClock::new(Rate::fps(50));
        clock right = SoftwareClock::new(Rate::fps(60));
        bars = TestPattern::new(Pattern::SmpteBars) @ left;
        ramp = TestPattern::new(Pattern::Gradient) @ right;
        wipe = Wipe::new(1.0);
        bars >> wipe.from;
        ramp >> wipe.to;
        wipe.video >> Null::new();
    };
}
