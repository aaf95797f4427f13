//! What `Snapshot` writes when it is told to wait for a frame number.

use std::path::PathBuf;

use streamlib::prelude::*;

pub async fn snapshot(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        moving = TestPattern::new(Pattern::MovingBox).counter().size(320, 180) @ house;
        moving >> Snapshot::new(to).frame(60);
    }?;
    clock.advance(61).await?;
    show.stop().await
}
