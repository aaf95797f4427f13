use streamlib::prelude::*;

#[actor]
struct Tone {
    #[output]
    samples: Output<AudioBuffer>,
}

impl Actor for Tone {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        tone = Tone::new().fps(50);
        mix  = Compositor::new(640, 360);
        tone.samples >> mix.layers;
        mix >> Null::new();
    };
}
