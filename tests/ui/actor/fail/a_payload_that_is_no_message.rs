use streamlib::prelude::*;

struct Pose;

#[actor]
struct Screen {
    #[input]
    pose: Input<Pose>,
}

impl Actor for Screen {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if self.pose.has_new() {
            drop(self.pose.latest());
        }
        Ok(())
    }
}

fn main() {
    let _ = Screen::new();
}
