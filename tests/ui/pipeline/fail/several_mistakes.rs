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

#[actor]
struct Invert {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    inverted: Output<VideoFrame>,
}

impl Actor for Invert {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

#[actor]
struct Metronome {
    #[output]
    beat: Output<DataMessage<u32>>,
}

impl Actor for Metronome {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::SmpteBars).fps(60);
        tone      = Tone::new().fps(50) on mainframe;
        invert    = Invert::new();
        metronome = Metronome::new();
        spare     = Null::<VideoFrame>::new();
        tone >> invert >> Null::new();
        metronome >> Null::new();
        bars.vidoe >> Null::new();
    };
}
