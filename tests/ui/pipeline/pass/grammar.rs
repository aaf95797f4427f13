use streamlib::prelude::*;

#[actor]
struct Invert {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    inverted: Output<VideoFrame>,
}

impl Actor for Invert {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

pub fn main() {
    let clock = VirtualClock::new(Rate::fps(60));
    let other = SoftwareClock::new(Rate::fps(25));
    let _ = pipeline! {
        clock house = clock.clone();
        bars  = TestPattern::new(Pattern::SmpteBars).size(320, 180) @ house on tokio;
        ramp  = TestPattern::new(Pattern::Gradient).size(320, 180) on threads @ house;
        mix   = Compositor::new(320, 180) @ house;
        again = Invert::new() @ other;

        bars.video >> mix.layers;
        ramp >> mix;
        mix >> Invert::new() >> Invert::new() >> [Null::new(), again, Null::new(),];
        mix.video >> Null::<VideoFrame>::new();
        again.inverted >> Null::new()
    };
}
