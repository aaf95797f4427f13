use streamlib::prelude::*;

type Video = Input<VideoFrame>;

#[actor]
struct Invert {
    #[input]
    video: Video,
    #[output]
    inverted: Output<VideoFrame>,
}

impl Actor for Invert {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            let _: u32 = frame.width();
            let _ = frame.row(0)[0];
            self.inverted.send(frame.clone(), tick);
        }
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        invert = Invert::new();
        bars >> invert.video;
        invert >> Null::new();
    };
}
