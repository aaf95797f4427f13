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

#[actor]
struct Twin {
    #[input]
    left: Input<VideoFrame>,
    #[input]
    right: Input<VideoFrame>,
    #[output]
    video: Output<VideoFrame>,
}

impl Actor for Twin {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        twin = Twin::new();
        a    = Invert::new();
        b    = Invert::new();
        twin >> [a, b];
        a >> twin.left;
        b >> twin.right;
    };
}
