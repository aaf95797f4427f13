//! A lower third at 1080p: standing, with a clock in it that runs, and sliding in for ever.

use streamlib::prelude::*;
use streamlib_graphics::{Caption, lower_third};

use crate::figures::{Figures, Meter};

/// As many frames as a slide takes.
const SLIDE: u64 = 30;

/// The bytes of a picture, all of which a peer writes; ours paints what has changed.
const BYTES: usize = 1920 * 1080 * 4;

fn caption(since: u64) -> Caption {
    Caption {
        name: "Ada Lovelace".to_owned(),
        title: "Mathematician".to_owned(),
        since,
    }
}

/// Processor time a frame, and frames a second, of one that stands; its clock is another on every frame.
///
/// # Errors
/// When the graph can't be started.
pub async fn standing() -> Result<Figures> {
    const FRAMES: u64 = 600;
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        title = lower_third(1920, 1080, caption(0)) @ house;
        null = Null::new() on inline;
        title >> null;
    }?;
    clock.advance(4 * SLIDE).await?;
    let meter = Meter::start();
    clock.advance(FRAMES).await?;
    let figures = meter.a_frame(FRAMES).beside_copying(0, BYTES);
    show.stop().await?;
    Ok(figures)
}

/// The same of one that slides in again and again, so that all of it is painted on every frame.
///
/// # Errors
/// When the graph can't be started.
pub async fn sliding() -> Result<Figures> {
    const SLIDES: u64 = 10;
    let clock = VirtualClock::fps(60);
    let title = lower_third(1920, 1080, caption(0));
    let control = title.control();
    let show = pipeline! {
        clock house = clock.clone();
        title = title @ house;
        null = Null::new() on inline;
        title >> null;
    }?;
    clock.advance(4 * SLIDE).await?;
    let meter = Meter::start();
    for slide in 4..4 + SLIDES {
        control.set_state(caption(slide * SLIDE));
        clock.advance(SLIDE).await?;
    }
    let figures = meter.a_frame(SLIDES * SLIDE).beside_copying(0, BYTES);
    show.stop().await?;
    Ok(figures)
}
