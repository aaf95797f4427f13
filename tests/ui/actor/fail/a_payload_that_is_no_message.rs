use streamlib::prelude::*;

struct Pose;

#[actor]
struct Screen {
    #[input]
    pose: Input<Pose>,
}


impl Actor for Screen {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {}
