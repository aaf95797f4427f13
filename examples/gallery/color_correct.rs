//! What `ColorCorrect` makes of colour bars.

use std::path::PathBuf;

use streamlib::prelude::*;

pub async fn color_correct(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let warm = ColorCorrect::new()
        .lift([0.1, 0.05, 0.0])
        .gain([1.0, 0.85, 0.6]);
    let show = pipeline! {
        clock house = clock.clone();
        bars = TestPattern::new(Pattern::SmpteBars).size(480, 270) @ house;
        bars >> warm >> Snapshot::new(to);
    }?;
    clock.advance(1).await?;
    show.stop().await
}
