use streamlib::prelude::*;

#[derive(Message)]
struct Packet {
    _bytes: Vec<u8>,
}

#[actor]
struct Encoder {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    packets: Output<Packet>,
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
        enc     = Encoder::new(7) on process.alone();
        pattern >> enc >> Null::new();
    };
}
