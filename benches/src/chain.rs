//! The whole chain at 1080p60: bars, and over them a lower third with a running clock, composited and shown.

use std::time::{Duration, Instant};

use streamlib::actors::drawing::{Canvas, Color, TextStyle};
use streamlib::dispatch::Threads;
use streamlib::prelude::*;

use crate::figures::{Figures, cpu_ns};

/// Twenty seconds.
const FRAMES: u64 = 1_200;
/// So many are shown before anything is measured: a window opens, memory is touched.
const WARM_UP: u64 = 120;

const PIXELS: usize = 1920 * 1080;

/// A bar with a name that stays, and a time that changes with every frame.
fn lower_third(canvas: &mut Canvas, time: Timestamp, name: &TextStyle, clock: &TextStyle) {
    canvas.fill_rect((96.0, 860.0, 1100.0, 130.0), Color::rgba(10, 30, 70, 200));
    canvas.text((130.0, 880.0), "Ada Lovelace", name);
    let time = time.as_nanos() / 1_000_000;
    let (minutes, seconds, millis) = (time / 60_000 % 60, time / 1_000 % 60, time % 1_000);
    canvas.text(
        (130.0, 945.0),
        &format!("{minutes:02}:{seconds:02}.{millis:03}"),
        clock,
    );
}

/// Microseconds from when a picture's tick is due to when the X server has it on its screen, and microseconds of processor
/// time a picture, and how many of 100 pictures that are due are shown; with the clock, the workers and so the display's thread at this precision.
///
/// # Errors
/// When the graph can't be started, or there is no X server.
pub async fn to_the_screen(precision: Precision) -> Result<Figures> {
    Threads::precision(precision);
    let display = Display::new("chain").size(1920, 1080);
    let counts = display.counts();
    let (name, clock) = (TextStyle::new(48.0).bold(), TextStyle::new(32.0));
    let graphics = Drawing::new(1920, 1080, move |canvas, ctx| {
        lower_third(canvas, ctx.time, &name, &clock);
    });
    let show = pipeline! {
        clock house = SoftwareClock::fps(60).precision(precision);
        bars     = TestPattern::new(Pattern::SmpteBars).frames(FRAMES) @ house;
        graphics = graphics @ house;
        mix      = Compositor::new(1920, 1080);

        bars     >> mix.layers;
        graphics >> mix.layers;
        mix      >> display;
    }?;
    while counts.shown() < WARM_UP {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if show
            .status()
            .actor("display")
            .is_some_and(|display| display.errors > 0)
        {
            return Err(Error::other(
                "the display shows nothing; is there an X server?",
            ));
        }
    }
    let (begin, begun, shown) = (cpu_ns(), Instant::now(), counts.shown());
    while counts.shown() + counts.dropped() < FRAMES - WARM_UP {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (cost, frames) = (cpu_ns() - begin, counts.shown() - shown);
    let due = 60.0 * begun.elapsed().as_secs_f64();
    let latency = counts.latency();
    show.stop().await?;
    if latency.count == 0 {
        return Err(Error::other("the pictures were shown on no X server"));
    }
    eprintln!("{counts:?}");
    let us = |time: Duration| time.as_secs_f64() * 1e6;
    Ok(Figures::one("p50_us", us(latency.p50))
        .and("p99_us", us(latency.p99))
        .and("p999_us", us(latency.p999))
        .and("shown", counts.shown() as f64)
        .and("shown_percent", frames as f64 / due * 100.0)
        .and("cpu_us", cost as f64 / frames as f64 / 1e3)
        // Both layers are read and one picture is written, which is read and written as the window's.
        .beside_copying((3 + 4 + 4) * PIXELS, (4 + 4) * PIXELS))
}
