//! What `Scale` makes of small colour bars.

use std::path::PathBuf;

use streamlib::prelude::*;

pub async fn scale(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        small = TestPattern::new(Pattern::SmpteBars).size(60, 34).counter() @ house;
        small >> Scale::to(480, 270).filter(Filter::Lanczos) >> Snapshot::new(to);
    }?;
    clock.advance(1).await?;
    show.stop().await
}
