//! The macros in a crate of edition 2021, where `gen` is a name like any other.
#![deny(warnings)]

use streamlib::prelude::*;

/// Counts what comes, and hands it on.
#[actor(dispatcher = inline)]
struct Count {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    counted: Output<DataMessage<u64>>,
    gen: u64,
}

impl Actor for Count {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.video.latest().is_some() {
            self.gen += 1;
            self.counted.send(DataMessage::new(self.gen), tick);
        }
        Ok(())
    }
}

#[tokio::test]
async fn gen_is_a_name() -> Result<()> {
    let clock = VirtualClock::new(Rate::fps(60));
    let gen = TestPattern::new(Pattern::SmpteBars)
        .size(64, 36)
        .clocked(clock.clone());
    let count = Count::new(0);
    let show = pipeline! { gen >> count >> Null::new() }?;
    clock.advance(3).await?;
    show.stop().await?;

    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        gen = TestPattern::new(Pattern::SmpteBars).size(64, 36) @ house;
        gen.video >> Null::new();
    }?;
    clock.advance(3).await?;
    let status = show.status().to_string();
    assert!(status.contains("gen"), "{status}");
    show.stop().await
}

/// Adds to what comes.
#[actor]
async fn add(
    #[input] count: &DataMessage<u64>,
    gen: u64,
    _unused: &str,
) -> Result<DataMessage<u64>> {
    Ok(DataMessage::new(**count + gen))
}

/// The same, at once.
#[actor]
fn gen(tick: TimedTick, last: &mut u64) -> Option<DataMessage<u64>> {
    *last += 1;
    (*last > 1).then(|| DataMessage::new(tick.frame_number))
}

#[tokio::test]
async fn functions_are_actors() -> Result<()> {
    let clock = VirtualClock::new(Rate::fps(60));
    let show = pipeline! {
        clock house = clock.clone();
        gen = gen(0) @ house;
        gen >> add(1, "nothing") >> Null::new();
    }?;
    clock.advance(3).await?;
    assert_eq!(show.status().actor("add").map(|add| add.ticks), Some(2));
    show.stop().await
}
