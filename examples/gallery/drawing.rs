//! What `Drawing` sends, over what a `TestPattern` sends.

use std::path::PathBuf;

use streamlib::prelude::*;
use streamlib_graphics::{Caption, Measure, Sweep};

const SIZE: (u32, u32) = (480, 270);

pub async fn lower_third(to: PathBuf) -> Result<()> {
    let caption = Caption {
        name: "Ada Lovelace".to_owned(),
        title: "Mathematician".to_owned(),
        since: 0,
    };
    let title = streamlib_graphics::lower_third(SIZE.0, SIZE.1, caption);
    over_bars(title, to).await
}

pub async fn clock(to: PathBuf) -> Result<()> {
    over_bars(streamlib_graphics::clock(SIZE.0, SIZE.1), to).await
}

async fn over_bars<S: Clone + Send + Sync + 'static>(
    drawing: Drawing<S>,
    to: PathBuf,
) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        bars = TestPattern::new(Pattern::SmpteBars).size(SIZE.0, SIZE.1) @ house;
        drawing = drawing @ house;
        mix = Compositor::new(SIZE.0, SIZE.1);
        bars >> mix.layers;
        drawing >> mix.layers;
        mix >> Snapshot::new(to).frame(90);
    }?;
    clock.advance(91).await?;
    show.stop().await
}

pub async fn level_meter(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(50);
    let show = pipeline! {
        clock house = clock.clone();
        ramp = TestPattern::new(Pattern::Gradient).size(SIZE.0, SIZE.1) @ house;
        sound = Sweep::new() @ house;
        meter = streamlib_graphics::level_meter(SIZE.0, SIZE.1);
        mix = Compositor::new(SIZE.0, SIZE.1);
        sound >> Measure::new() >> meter.state;
        ramp >> mix.layers;
        meter >> mix.layers;
        mix >> Snapshot::new(to).frame(60);
    }?;
    clock.advance(61).await?;
    show.stop().await
}
