use streamlib::prelude::*;

#[actor]
struct Tone {
    #[output]
    samples: Output<AudioBuffer>,
}

impl Actor for Tone {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

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
        tone   = Tone::new().fps(50);
        invert = Invert::new();
        tone >> invert >> Null::new();
    };
}
