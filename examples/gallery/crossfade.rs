//! What `Crossfade` sends halfway from one source to another.

use std::path::PathBuf;

use streamlib::prelude::*;

pub async fn crossfade(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let fade = Crossfade::new(480, 270);
    let control = fade.control();
    let show = pipeline! {
        clock house = clock.clone();
        bars = TestPattern::new(Pattern::SmpteBars).size(480, 270) @ house;
        check = TestPattern::new(Pattern::Checkerboard).size(480, 270) @ house;
        bars >> fade.sources;
        check >> fade.sources;
        fade >> Snapshot::new(to).frame(29);
    }?;
    control.mix(1, 60);
    clock.advance(30).await?;
    show.stop().await
}
