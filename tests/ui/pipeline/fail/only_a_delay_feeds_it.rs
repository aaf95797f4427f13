use streamlib::prelude::*;

#[actor]
struct Feedback {
    #[input]
    before: Input<VideoFrame>,
    #[output]
    video: Output<VideoFrame>,
}

impl Actor for Feedback {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        self.before.latest();
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        feedback = Feedback::new();
        feedback >> delay(1) >> feedback;
    };
}
