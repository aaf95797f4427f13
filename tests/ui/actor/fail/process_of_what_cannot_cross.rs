use streamlib::prelude::*;

#[actor(dispatcher = process)]
struct Encoder {
    #[input]
    video: Input<VideoFrame>,
    handle: std::sync::mpsc::Sender<u8>,
}

impl Actor for Encoder {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {}
