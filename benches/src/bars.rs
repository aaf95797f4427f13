//! SMPTE bars at 1080p: what the first frame costs, in memory that is there and in new memory, and each later one.

use streamlib::actor::Harness;
use streamlib::prelude::*;

use crate::figures::{Figures, cpu_ns};

/// The picture that is measured.
#[must_use]
pub fn pattern() -> TestPattern {
    TestPattern::new(Pattern::SmpteBars).size(1920, 1080)
}

/// Microseconds of processor time for the first frame of a pattern that is started again, in the memory that it has.
///
/// # Errors
/// When the actor can't be made.
pub fn first(format: PixelFormat) -> Result<Figures> {
    const STARTS: usize = 31;
    let mut bars = pattern().format(format);
    let mut costs = [0; STARTS];
    for cost in &mut costs {
        (*cost, bars) = started(bars)?;
    }
    costs.sort_unstable();
    let bytes = VideoFrame::new(format, 1920, 1080)?.pixels().len();
    Ok(Figures::one("cpu_us", costs[STARTS / 2] as f64 / 1e3).beside_copying(0, bytes))
}

/// The same for the first frame of the program, whose memory is new.
///
/// # Errors
/// When the actor can't be made.
pub fn cold(format: PixelFormat) -> Result<Figures> {
    let (cost, _) = started(pattern().format(format))?;
    let bytes = VideoFrame::new(format, 1920, 1080)?.pixels().len();
    Ok(Figures::one("cpu_us", cost as f64 / 1e3).beside_copying(0, bytes))
}

/// Nanoseconds of processor time from when a pattern is given an output to when its first frame is there.
fn started(bars: TestPattern) -> Result<(u64, TestPattern)> {
    let begin = cpu_ns();
    let mut harness = Harness::new(bars)?;
    let mut video = harness.probe(|pattern| &mut pattern.video);
    harness.tick()?;
    assert!(video.latest().is_some_and(|frame| frame.width() == 1920));
    let cost = cpu_ns() - begin;
    drop(video);
    Ok((cost, harness.stop()?))
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
    let cost = cost as f64 / FRAMES as f64 / 1e3;
    // No pixel is touched: it is the same picture again.
    Ok(Figures::one("cpu_us", cost).and("copy_us", 0.0))
}
