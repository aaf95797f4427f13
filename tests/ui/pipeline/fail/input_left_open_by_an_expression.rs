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

fn main() {
    let _ = pipeline! {
        Invert::new() >> Null::new();
    };
}
