use streamlib::prelude::*;

#[actor]
struct Mix {
    #[input = "optional"]
    left: Input<VideoFrame>,
    #[output = "video"]
    video: Output<VideoFrame>,
}

impl Actor for Mix {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = Mix::new();
}
