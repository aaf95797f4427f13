use streamlib::prelude::*;

use std::fmt::Debug;

/// No port at all, and no field.
#[actor]
pub struct Idle;

impl Actor for Idle {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        Ok(())
    }
}

/// Names that Rust keeps, and those that the expansion uses.
#[actor(on_error = restart)]
#[derive(Debug)]
struct Odd {
    #[input]
    r#type: Input<VideoFrame>,
    #[input(optional)]
    actor: Input<VideoFrame>,
    #[input(every = 8, slots = 12)]
    r#gen: Input<AudioBuffer>,
    #[input(latest)]
    types: Input<VideoFrame>,
    #[input]
    self_: Inputs<VideoFrame>,
    #[output]
    new: Output<VideoFrame>,
    #[streamlib::output]
    handle: streamlib::prelude::Output<VideoFrame>,
    #[cfg(any())]
    never: u8,
    #[cfg(all())]
    r#move: u8,
}

impl Actor for Odd {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = self.r#move;
        Ok(())
    }
}

/// A clock of its own, from its own configuration.
#[actor(clock = SoftwareClock::new(self.rate), dispatcher = tokio, on_error = stop)]
struct Metronome {
    #[output]
    beat: Output<DataMessage<u32>>,
    rate: Rate,
}

impl Actor for Metronome {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.beat.send(DataMessage::new(1), tick);
        Ok(())
    }
}

fn is_debug<T: Debug>(_: &T) {}

pub fn main() {
    let _ = Idle::new();
    is_debug(&Odd::new(1).r#move);
    let _ = pipeline! { Metronome::new(Rate::fps(2)) >> Null::new() };
}
