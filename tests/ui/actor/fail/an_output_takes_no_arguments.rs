use streamlib::prelude::*;

#[actor]
struct Source {
    #[output(slots = 4)]
    video: Output<VideoFrame>,
}


impl Actor for Source {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! { Source::new().fps(60) >> Null::new() };
}
