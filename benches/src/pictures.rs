//! One picture in, another out: conversions and scaling.

use std::time::Instant;

use streamlib::message::PixelAspect;
use streamlib::prelude::*;

use crate::figures::{Figures, Meter};

/// Sends one prepared picture on every tick, as the peers' `imagefreeze` does; told to have another pixel shape every time, so
/// that to ours, which does not work on a picture twice, it is another one.
#[actor(dispatcher = inline)]
struct Still {
    #[output]
    video: Output<VideoFrame>,
    picture: VideoFrame,
}

impl Actor for Still {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let shape = PixelAspect::new(1 + (tick.frame_number % 2) as u32, 1)?;
        self.picture.set_pixel_aspect(shape);
        self.video.send(self.picture.clone(), tick);
        Ok(())
    }
}

/// A picture in which neighbouring bytes differ; an opaque one, unless it is asked for another alpha.
fn still(format: PixelFormat, (width, height): (u32, u32), opaque: bool) -> Result<Still> {
    let mut frame = VideoFrame::new(format, width, height)?;
    for (index, byte) in frame.pixels_mut().iter_mut().enumerate() {
        *byte = ((index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as u8;
    }
    if format == PixelFormat::Rgba8 && opaque {
        let alphas = frame.pixels_mut().iter_mut().skip(3).step_by(4);
        alphas.for_each(|alpha| *alpha = u8::MAX);
    }
    Ok(Still::new(frame))
}

fn bytes(format: PixelFormat, (width, height): (u32, u32)) -> Result<usize> {
    Ok(VideoFrame::new(format, width, height)?.pixels().len())
}

/// The width and height of 1080p.
pub const HD: (u32, u32) = (1920, 1080);
const UHD: (u32, u32) = (3840, 2160);

/// A rate that one core holds whatever there is to do, so that what is measured is the cost on one thread, as the peers' is.
const SLOW: u32 = 1;

/// The cost of a 1080p picture of format `from` in format `to`.
///
/// # Errors
/// When the graph can't be started.
pub async fn convert(from: PixelFormat, to: PixelFormat) -> Result<Figures> {
    const FRAMES: u64 = 200;
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        source = still(from, HD, true)? @ house;
        convert = Convert::to(to);
        null = Null::new() on inline;
        source >> convert >> null;
    }?;
    let figures = measured(&clock, FRAMES).await?;
    show.stop().await?;
    Ok(figures.beside_copying(bytes(from, HD)?, bytes(to, HD)?))
}

/// The cost of a 2160p picture in 1080p, or another size.
///
/// # Errors
/// When the graph can't be started.
pub async fn scale(
    format: PixelFormat,
    filter: Filter,
    opaque: bool,
    (width, height): (u32, u32),
) -> Result<Figures> {
    const FRAMES: u64 = 60;
    let clock = VirtualClock::fps(SLOW);
    let show = pipeline! {
        clock house = clock.clone();
        source = still(format, UHD, opaque)? @ house;
        scale = Scale::to(width, height).filter(filter);
        null = Null::new() on inline;
        source >> scale >> null;
    }?;
    let figures = measured(&clock, FRAMES).await?;
    show.stop().await?;
    Ok(figures.beside_copying(bytes(format, UHD)?, bytes(format, (width, height))?))
}

/// Microseconds from picture to picture of a translucent 2160p one in 1440p: at 60 fps, which one core does not hold, and
/// at a frame a second, where nothing is split.
///
/// # Errors
/// When the graph can't be started.
pub async fn split() -> Result<Figures> {
    const FRAMES: u64 = 60;
    let mut times = [0.0; 2];
    for (fps, time) in [60, SLOW].into_iter().zip(&mut times) {
        let clock = VirtualClock::fps(fps);
        let show = pipeline! {
            clock house = clock.clone();
            source = still(PixelFormat::Rgba8, UHD, false)? @ house;
            scale = Scale::to(2560, 1440).filter(Filter::Lanczos);
            null = Null::new() on inline;
            source >> scale >> null;
        }?;
        clock.advance(10).await?;
        let begin = Instant::now();
        clock.advance(FRAMES).await?;
        *time = begin.elapsed().as_secs_f64() * 1e6 / FRAMES as f64;
        show.stop().await?;
    }
    Ok(Figures::one("us", times[0]).and("whole_us", times[1]))
}

/// After the first few, which touch memory that is new.
async fn measured(clock: &VirtualClock, frames: u64) -> Result<Figures> {
    clock.advance(5).await?;
    let meter = Meter::start();
    clock.advance(frames).await?;
    Ok(meter.a_frame(frames))
}
