//! As many `inline` actors in a row as anybody will write, each a part of the type of the one before.
use streamlib::prelude::*;

#[actor(dispatcher = inline)]
struct Add {
    #[input]
    number: Input<DataMessage<u64>>,
    #[output]
    sum: Output<DataMessage<u64>>,
}

impl Actor for Add {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(number) = self.number.latest() {
            self.sum.send(DataMessage::new(**number + 1), tick);
        }
        Ok(())
    }
}

#[actor(clock = SoftwareClock::fps(200))]
struct Zero {
    #[output]
    zero: Output<DataMessage<u64>>,
}

impl Actor for Zero {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.zero.send(DataMessage::new(0), tick);
        Ok(())
    }
}

#[actor]
struct Check {
    #[input]
    number: Input<DataMessage<u64>>,
}

impl Actor for Check {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        assert_eq!(self.number.latest().map(|number| **number), Some(40));
        if tick.frame_number > 10 {
            return Err(Error::EndOfStream);
        }
        Ok(())
    }
}

#[streamlib::main]
async fn main() -> Result<()> {
    let show = pipeline! {
        Zero::new()
            >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new()
            >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new()
            >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new()
            >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new()
            >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new() >> Add::new()
            >> Check::new();
    }?;
    show.finished().await;
    let status = show.status();
    assert_eq!(status.actors.iter().map(|actor| actor.panics).sum::<u64>(), 0, "{status}");
    show.stop().await
}
