use streamlib::prelude::*;

#[actor]
struct Screen {
    #[input]
    video: Output<VideoFrame>,
}


impl Actor for Screen {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! { Screen::new().fps(60) >> Null::new() };
}
