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
        wipe = Wipe::new(1.0);
        wipe.video >> Null::new();
    };
}
