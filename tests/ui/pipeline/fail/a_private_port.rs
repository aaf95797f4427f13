use streamlib::prelude::*;

mod studio {
    use streamlib::prelude::*;

    #[actor]
    pub struct Screen {
        #[input]
        video: Input<VideoFrame>,
    }

    impl Actor for Screen {
        async fn process(&mut self, _tick: TimedTick) -> Result<()> {
            Ok(())
        }
    }
}

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        screen = studio::Screen::new();
        bars >> screen.video;
    };
}
