use streamlib::prelude::*;

#[derive(Message, Default)]
struct Pose;

#[actor]
struct Track {
    #[output]
    pose: Output<Pose>,
}

impl Actor for Track {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.pose.slot().publish(tick);
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        track = Track::new().fps(60);
        track >> delay(2) >> Null::new();
    };
}
