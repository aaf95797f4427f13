//! What `Switch` sends around a cut.

use std::path::PathBuf;

use streamlib::prelude::*;

use crate::strip::Strip;

pub async fn switch(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let switch = Switch::<VideoFrame>::new();
    let control = switch.control();
    let show = pipeline! {
        clock house = clock.clone();
        bars  = TestPattern::new(Pattern::SmpteBars).size(156, 88) @ house;
        check = TestPattern::new(Pattern::Checkerboard).size(156, 88) @ house;
        bars  >> switch.sources;
        check >> switch.sources;
        switch >> Strip::new() >> Snapshot::new(to);
    }?;
    clock.advance(2).await?;
    control.cut(1);
    clock.advance(2).await?;
    show.stop().await
}
