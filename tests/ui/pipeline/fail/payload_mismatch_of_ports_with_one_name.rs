use streamlib::prelude::*;

#[actor]
struct Keys {
    #[output]
    video: Output<KeyEvent>,
}

impl Actor for Keys {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

#[actor]
struct Invert<T: Message> {
    #[input]
    video: Input<T>,
    #[input]
    mask: Input<VideoFrame>,
}

impl<T: Message> Actor for Invert<T> {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        clock house = SoftwareClock::fps(50);
        keys = Keys::new() @ house;
        bars = TestPattern::new(Pattern::SmpteBars) @ house;
        invert = Invert::<AudioBuffer>::new();
        keys >> [Null::new(), invert.video];
        bars >> invert.mask;
    };
}
