// The clock of an actor, from what it is configured with.
use std::sync::Arc;

use streamlib::prelude::*;

#[actor(clock = SoftwareClock::new(self.rate))]
struct Plain {
    #[output]
    beat: Output<DataMessage<u8>>,
    rate: Rate,
}

#[actor(clock = self.clock.clone(), dispatcher = tokio)]
struct Given<C: Clock + Clone> {
    #[output]
    beat: Output<DataMessage<u8>>,
    clock: C,
}

#[actor(clock = {
    let Shared { rates, index } = self.shared.as_ref();
    match rates.get(*index) {
        Some(&rate) => SoftwareClock::new(rate),
        None => SoftwareClock::fps(25),
    }
})]
struct Chosen {
    #[input(optional)]
    key: Input<KeyEvent>,
    #[output]
    beat: Output<DataMessage<u8>>,
    shared: Arc<Shared>,
}

struct Shared {
    rates: Vec<Rate>,
    index: usize,
}

#[actor(clock = SoftwareClock::fps(RATE))]
struct Constant {
    #[output]
    beat: Output<DataMessage<u8>>,
}

const RATE: u32 = 30;

macro_rules! beats {
    ($($name:ident $(<$parameter:ident: $bound:ident + $other:ident>)?),*) => {$(
        impl $(<$parameter: $bound + $other>)? Actor for $name $(<$parameter>)? {
            async fn process(&mut self, tick: TimedTick) -> Result<()> {
                self.beat.send(DataMessage::new(1), tick);
                Ok(())
            }
        }
    )*};
}

beats!(Plain, Given<C: Clock + Clone>, Chosen, Constant);

pub fn main() {
    let shared = Arc::new(Shared { rates: vec![Rate::fps(60)], index: 0 });
    let _ = pipeline! {
        Plain::new(Rate::fps(2)) >> Null::new();
        Given::new(VirtualClock::new(Rate::fps(60))) >> Null::new();
        chosen = Chosen::new(shared);
        chosen >> Null::new();
        Constant::new() >> Null::new();
        // What the graph says wins.
        other = Constant::new() @ house;
        clock house = SoftwareClock::fps(50);
        other >> Null::new();
    };
}
