use streamlib::prelude::*;

struct Pose;

#[actor]
struct Screen {
    #[input]
    video: Input<VideoFrame>,
    #[input(optional)]
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
    let _ = pipeline! {
        screen = Screen::new();
        TestPattern::new(Pattern::SmpteBars).fps(60) >> screen.video;
    };
}
