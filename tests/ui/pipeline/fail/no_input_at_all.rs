use streamlib::prelude::*;

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
        metronome = Metronome::new().fps(2);
        bars >> metronome;
        metronome >> Null::new();
    };
}
