//! What `FrameRate` lets through of a faster source.

use std::path::PathBuf;

use streamlib::prelude::*;

use crate::strip::Strip;

pub async fn frame_rate(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        counted = TestPattern::new(Pattern::SmpteBars).size(156, 88).counter() @ house;
        counted >> FrameRate::new(24) >> Strip::new() >> Snapshot::new(to);
    }?;
    clock.advance(10).await?;
    show.stop().await
}
