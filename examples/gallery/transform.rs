//! What `Transform` makes of colour bars.

use std::path::PathBuf;

use streamlib::prelude::*;

pub async fn transform(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        bars = TestPattern::new(Pattern::SmpteHdBars).size(480, 270).counter() @ house;
        bars >> Transform::new().crop(60, 0, 360, 270).flip_horizontal() >> Snapshot::new(to).frame(60);
    }?;
    clock.advance(61).await?;
    show.stop().await
}
