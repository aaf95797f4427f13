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
        first  = Invert::new();
        second = Invert::new();
        third  = Invert::new();
        first >> second >> third >> first;
    };
}
