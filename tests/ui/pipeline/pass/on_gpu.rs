//! A graph on a card, or on the processor where there is none.

use streamlib::prelude::*;

/// Passes pictures on, wherever they are.
#[actor(dispatcher = gpu)]
struct Pass {
    #[input]
    video: Input<GpuFrame>,
    #[output]
    passed: Output<GpuFrame>,
}

impl Actor for Pass {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            self.passed.send(frame.clone(), tick);
        }
        Ok(())
    }
}

impl streamlib::gpu::OnProcessor for Pass {}

pub fn main() {
    let started = pipeline! {
        clock house = VirtualClock::fps(60);
        bars = GpuTestPattern::new(Pattern::SmpteBars) @ house on gpu.or(threads);
        pass = Pass::new() on gpu.or(inline);
        same = Pass::new() on inline;
        down = Download::new() on gpu.or(tokio);
        bars >> pass >> same >> down >> Null::new();
    };
    assert!(started.is_ok());
    let _on_a_card = || {
        pipeline! {
            bars = GpuTestPattern::new(Pattern::SmpteBars).fps(60) on gpu;
            bars >> Download::new() >> Null::new();
        }
    };
}
