use serde::{Deserialize, Serialize};
use streamlib::prelude::*;
use streamlib::process::Local;

#[derive(Clone, Serialize, Deserialize)]
enum Preset {
    Fast,
    Good(u8),
}

#[derive(Message, Serialize, Deserialize)]
struct Packet<T> {
    bytes: Vec<T>,
}

/// Generic in what it sends, with configuration of many kinds and a state that stays.
#[actor(on_error = restart)]
struct Encoder<T: Serialize + serde::de::DeserializeOwned + Send + Sync + 'static> {
    #[input]
    video: Input<VideoFrame>,
    #[input(optional)]
    keys: Input<KeyEvent>,
    #[input]
    sounds: Inputs<AudioBuffer>,
    #[output]
    packets: Output<Packet<T>>,
    #[output]
    levels: Output<DataMessage<Vec<T>>>,
    preset: Preset,
    rate: Rate,
    format: PixelFormat,
    name: String,
    filler: Option<T>,
    session: Local<Option<std::sync::mpsc::Sender<u8>>>,
}

impl<T: Serialize + serde::de::DeserializeOwned + Send + Sync + 'static> Actor for Encoder<T> {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let _ = (&self.preset, self.rate, self.format, &self.name, &self.session, tick);
        self.packets.send(Packet { bytes: self.filler.take().into_iter().collect() }, tick);
        Ok(())
    }
}

/// A function can be placed there too.
#[actor(dispatcher = process)]
fn luma(#[input] video: &VideoFrame, gain: f64) -> DataMessage<f64> {
    DataMessage::new(gain * f64::from(video.width()))
}

fn build(bytes: u64) -> Result<Pipeline> {
    pipeline! {
        clock house = SoftwareClock::fps(60);
        pattern = TestPattern::new(Pattern::SmpteBars) @ house;
        enc     = Encoder::new(Preset::Good(3), Rate::fps(60), PixelFormat::I420, "north".into(), Some(1_u16), Local::default()) on process.memory(bytes << 20);
        other   = Encoder::<u8>::new(Preset::Fast, Rate::fps(60), PixelFormat::I420, "south".into(), None, Local::default()) @ house on process;
        pattern >> [enc.video, other.video];
        pattern >> luma(0.5) >> Null::new();
        enc.packets >> Null::new();
        other.levels >> Null::new();
    }
}

fn main() {
    // What comes out depends on whether this `main` may start workers: it is compiled, and checked.
    let refused = build(64).map(drop).unwrap_err().to_string();
    assert!(refused.contains("streamlib::process::worker()"), "{refused}");
}
