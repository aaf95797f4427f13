//! What `TestPattern` sends.

use std::path::PathBuf;

use streamlib::prelude::*;

async fn picture(pattern: Pattern, to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        pattern = TestPattern::new(pattern).size(480, 270) @ house;
        pattern >> Snapshot::new(to).frame(60);
    }?;
    clock.advance(61).await?;
    show.stop().await
}

pub async fn smpte_bars(to: PathBuf) -> Result<()> {
    picture(Pattern::SmpteBars, to).await
}

pub async fn moving_box(to: PathBuf) -> Result<()> {
    picture(Pattern::MovingBox, to).await
}
