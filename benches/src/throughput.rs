//! Samples through a static graph: a source of zeros, one or four stages that scale, a sink.

use std::time::Instant;

use streamlib::prelude::*;

use crate::figures::Figures;

/// Samples a message: 32 KiB, as long as FutureSDR's buffers are.
const SAMPLES: usize = 8192;
const TICKS: u64 = 8192;

/// One message's samples.
struct Block([f32; SAMPLES]);

impl Default for Block {
    fn default() -> Self {
        Self([0.0; SAMPLES])
    }
}

type Samples = DataMessage<Block>;

/// Sends zeros.
#[actor]
struct Zeros {
    #[output]
    samples: Output<Samples>,
}

impl Actor for Zeros {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let mut out = self.samples.slot();
        out.0.fill(0.0);
        out.publish(tick);
        Ok(())
    }
}

/// Halves every sample.
#[actor(dispatcher = inline)]
struct Scale {
    #[input]
    samples: Input<Samples>,
    #[output]
    scaled: Output<Samples>,
}

impl Actor for Scale {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(samples) = self.samples.next() {
            let mut out = self.scaled.slot();
            for (to, from) in out.0.iter_mut().zip(&samples.0) {
                *to = from * 0.5;
            }
            out.publish(tick);
        }
        Ok(())
    }
}

/// Nanoseconds a sample through one stage.
///
/// # Errors
/// When the graph can't be started.
pub async fn one_stage() -> Result<Figures> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        zeros = Zeros::new() @ house;
        null  = Null::new() on inline;
        zeros >> Scale::new() >> null;
    }?;
    run(&clock, show).await
}

/// Nanoseconds a sample through four stages.
///
/// # Errors
/// When the graph can't be started.
pub async fn four_stages() -> Result<Figures> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        zeros = Zeros::new() @ house;
        null  = Null::new() on inline;
        zeros >> Scale::new() >> Scale::new() >> Scale::new() >> Scale::new() >> null;
    }?;
    run(&clock, show).await
}

async fn run(clock: &VirtualClock, show: Pipeline) -> Result<Figures> {
    clock.advance(1_000).await?;
    let begin = Instant::now();
    clock.advance(TICKS).await?;
    let took = begin.elapsed();
    show.stop().await?;
    Ok(Figures::one(
        "ns",
        took.as_secs_f64() * 1e9 / (TICKS * SAMPLES as u64) as f64,
    ))
}
