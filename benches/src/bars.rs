//! SMPTE bars at 1080p: what the first frame costs, and each later one.

use streamlib::actor::Harness;
use streamlib::prelude::*;

use crate::figures::{Figures, cpu_ns};

/// The picture that is measured.
#[must_use]
pub fn pattern() -> TestPattern {
    TestPattern::new(Pattern::SmpteBars).size(1920, 1080)
}

/// Microseconds of processor time for the first frame of a new pattern, its memory included.
///
/// # Errors
/// When the actor can't be made.
pub fn first(format: PixelFormat) -> Result<Figures> {
    const PATTERNS: usize = 31;
    let mut costs = Vec::with_capacity(PATTERNS);
    for _ in 0..PATTERNS {
        let begin = cpu_ns();
        let mut harness = Harness::new(pattern().format(format))?;
        let mut video = harness.probe(|pattern| &mut pattern.video);
        harness.tick()?;
        assert!(video.latest().is_some_and(|frame| frame.width() == 1920));
        costs.push(cpu_ns() - begin);
    }
    costs.sort_unstable();
    let bytes = VideoFrame::new(format, 1920, 1080)?.pixels().len();
    Ok(Figures::one("cpu_us", costs[PATTERNS / 2] as f64 / 1e3).beside_copying(0, bytes))
}

/// Microseconds of processor time for each later frame, from the pattern to a sink.
///
/// # Errors
/// When the graph can't be started.
pub async fn later() -> Result<Figures> {
    const FRAMES: u64 = 200_000;
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        bars = pattern() @ house;
        null = Null::new() on inline;
        bars >> null;
    }?;
    clock.advance(100).await?;
    let begin = cpu_ns();
    clock.advance(FRAMES).await?;
    let cost = cpu_ns() - begin;
    show.stop().await?;
    Ok(Figures::one("cpu_us", cost as f64 / FRAMES as f64 / 1e3))
}
