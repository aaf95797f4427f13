use streamlib::prelude::*;

struct Session {
    _number: u32,
}

#[actor]
struct Encoder {
    #[input]
    video: Input<VideoFrame>,
    handle: Session,
    quality: u8,
}

impl Actor for Encoder {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        pattern = TestPattern::new(Pattern::SmpteBars).fps(60);
        enc     = Encoder::new(Session { _number: 3 }, 7) on process;
        pattern >> enc;
    };
}
