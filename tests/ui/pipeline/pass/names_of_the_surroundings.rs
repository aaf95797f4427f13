// Names that an expansion might use itself, and a clock that is called `clock`.
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
    let bars = (320, 180);
    let last = Null::new();
    let _ = pipeline! {
        clock clock = clock;
        bars     = TestPattern::new(Pattern::SmpteBars).size(bars.0, bars.1) @ clock on inline;
        graph    = Invert::new();
        inputs   = Invert::new();
        stage    = Invert::new();
        edge_0   = Invert::new();
        on       = Invert::new();
        pipeline = Invert::new();
        bars >> graph >> inputs >> stage >> edge_0 >> on >> pipeline >> last;
    };
}
