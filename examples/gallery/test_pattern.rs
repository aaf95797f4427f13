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

pub async fn smpte_hd_bars(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(29.97);
    let show = pipeline! {
        clock house = clock.clone();
        pattern = TestPattern::new(Pattern::SmpteHdBars).size(480, 270).timecode(29.97) @ house;
        pattern >> Snapshot::new(to).frame(60);
    }?;
    clock.advance(61).await?;
    show.stop().await
}

pub async fn ebu_bars(to: PathBuf) -> Result<()> {
    picture(Pattern::EbuBars, to).await
}

pub async fn zone_plate(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        pattern = TestPattern::new(Pattern::ZonePlate).size(240, 135) @ house;
        pattern >> Snapshot::new(to).frame(60);
    }?;
    clock.advance(61).await?;
    show.stop().await
}

pub async fn multiburst(to: PathBuf) -> Result<()> {
    picture(Pattern::Multiburst, to).await
}

pub async fn moving_box(to: PathBuf) -> Result<()> {
    picture(Pattern::MovingBox, to).await
}
