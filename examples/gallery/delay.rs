//! What `Delay` sends, below what it is fed.

use std::path::PathBuf;

use streamlib::prelude::*;

pub async fn delay(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        moving = TestPattern::new(Pattern::MovingBox).size(480, 134).counter() @ house;
        both = Compositor::new(480, 270)
            .set(0, Layer::new().own_size())
            .set(1, Layer::new().own_size().at(0, 136));
        moving >> both.layers;
        moving >> Delay::ticks(30) >> both.layers;
        both >> Snapshot::new(to).frame(60);
    }?;
    clock.advance(61).await?;
    show.stop().await
}
