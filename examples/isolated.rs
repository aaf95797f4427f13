//! A detector that crashes now and then, in a process of its own: the picture goes on without it, and it comes back.
//!
//! `cargo run --release --example isolated --features process`. On Ctrl-C, or after ten seconds, the table says how often it was restarted.

use streamlib::prelude::*;

/// How bright the picture is, by code that nobody trusts: every hundredth time it ends its process.
#[actor(on_error = restart)]
struct Detector {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    brightness: Output<DataMessage<f64>>,
    /// Goes along to the other process, by serde.
    gain: f64,
    seen: u32,
}

impl Actor for Detector {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let Some(frame) = self.video.latest() else {
            return Ok(());
        };
        self.seen += 1;
        if self.seen == 100 {
            std::process::abort();
        }
        let sum: u64 = frame.pixels().iter().map(|&byte| u64::from(byte)).sum();
        let mean = sum as f64 / frame.pixels().len() as f64;
        self.brightness
            .send(DataMessage::new(mean * self.gain), tick);
        Ok(())
    }
}

/// Prints every thirtieth value.
#[actor(dispatcher = inline)]
fn show(#[input] brightness: &DataMessage<f64>, count: &mut u32) {
    if count.is_multiple_of(30) {
        println!("brightness {:.1}", **brightness);
    }
    *count += 1;
}

#[streamlib::main]
async fn main() -> Result<()> {
    let show = pipeline! {
        pattern  = TestPattern::new(Pattern::MovingBox).size(1280, 720).fps(60).map(|it| it.frames(600));
        detector = Detector::new(1.0, 0) on process.memory(1 << 30);
        picture  = Null::new();

        pattern  >> [detector, picture];
        detector >> show(0);
    }?;
    show.run().await
}
