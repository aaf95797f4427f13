// Actors and the graph around them, written by a macro of the user's.
use streamlib::prelude::*;

macro_rules! gain {
    ($(#[$attribute:meta])* $visibility:vis $name:ident: $payload:ty, $field:ident = $ty:ty, $clock:expr) => {
        $(#[$attribute])*
        #[actor(dispatcher = inline)]
        $visibility struct $name {
            #[input(every = 2)]
            $visibility from: Input<$payload>,
            #[output]
            to: Output<$payload>,
            $field: $ty,
        }

        impl Actor for $name {
            async fn process(&mut self, tick: TimedTick) -> Result<()> {
                if let Some(item) = self.from.next() {
                    let _ = &self.$field;
                    self.to.send(item.clone(), tick);
                }
                Ok(())
            }
        }

        impl $name {
            fn show($field: $ty) -> Result<Pipeline> {
                pipeline! {
                    source = Source::new().clocked($clock);
                    gain = $name::new($field);
                    source >> gain.from;
                    gain >> Null::new();
                }
            }
        }
    };
}

#[actor]
struct Source {
    #[output]
    samples: Output<AudioBuffer>,
}

impl Actor for Source {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let _ = &self.samples;
        Ok(())
    }
}

gain! {
    /// Louder.
    #[derive(Debug)]
    pub Gain: AudioBuffer, decibels = f32, VirtualClock::new(Rate::fps(50))
}
gain!(Table: AudioBuffer, table = Vec<[u8; 4]>, SoftwareClock::fps(50));

macro_rules! ticking {
    ($name:ident, $rate:ident) => {
        #[actor(clock = SoftwareClock::new(self.$rate))]
        struct $name {
            #[output]
            beat: Output<DataMessage<u8>>,
            $rate: Rate,
        }

        impl Actor for $name {
            async fn process(&mut self, tick: TimedTick) -> Result<()> {
                self.beat.send(DataMessage::new(1), tick);
                Ok(())
            }
        }
    };
}

ticking!(Metronome, rate);

pub fn main() {
    let _ = (Gain::show(6.0), Table::show(vec![]));
    let _ = pipeline! { Metronome::new(Rate::fps(2)) >> Null::new() };
}
