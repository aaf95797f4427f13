use streamlib::prelude::*;

/// Called as what the macro writes beside the actor.
struct ScreenWiring(std::rc::Rc<u8>);

#[actor]
struct Screen {
    #[input]
    video: Input<VideoFrame>,
    wiring: ScreenWiring,
}

impl Actor for Screen {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        drop((self.video.latest(), &self.wiring.0));
        Ok(())
    }
}

fn main() {
    let screen = Screen::new(ScreenWiring(1.into()));
    let _ = pipeline! { TestPattern::new(Pattern::SmpteBars).fps(60) >> screen };
}
