//! What `Convert` sends: colour bars in grey.

use std::path::PathBuf;

use streamlib::prelude::*;

pub async fn convert(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        bars = TestPattern::new(Pattern::SmpteBars).size(480, 270) @ house;
        bars >> Convert::to(PixelFormat::Gray8) >> Snapshot::new(to);
    }?;
    clock.advance(1).await?;
    show.stop().await
}
