//! Two 1080p RGBA layers, the upper one half transparent, blended into one picture.

use streamlib::prelude::*;

use crate::figures::{Figures, cpu_ns};

/// Sends one of two prepared pictures a tick, so that there is something to blend on every tick.
#[actor(dispatcher = inline)]
struct Pictures {
    #[output]
    video: Output<VideoFrame>,
    pictures: [VideoFrame; 2],
}

impl Actor for Pictures {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let picture = &self.pictures[(tick.frame_number % 2) as usize];
        self.video.send(picture.clone(), tick);
        Ok(())
    }
}

/// A 1080p picture in which neighbouring pixels differ, of this alpha everywhere.
fn picture(seed: usize, alpha: u8) -> Result<VideoFrame> {
    let mut frame = VideoFrame::new(PixelFormat::Rgba8, 1920, 1080)?;
    for (index, pixel) in frame.pixels_mut().chunks_exact_mut(4).enumerate() {
        let value = (index + seed) * 2_654_435_761;
        pixel.copy_from_slice(&[
            (value >> 8) as u8,
            (value >> 16) as u8,
            (value >> 24) as u8,
            alpha,
        ]);
    }
    Ok(frame)
}

/// Microseconds of processor time a blended frame.
///
/// # Errors
/// When the graph can't be started.
pub async fn two_layers() -> Result<Figures> {
    const FRAMES: u64 = 60;
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        below = Pictures::new([picture(0, 255)?, picture(1, 255)?]) @ house;
        above = Pictures::new([picture(2, 128)?, picture(3, 128)?]) @ house;
        mix   = Compositor::new(1920, 1080);
        null  = Null::new() on inline;

        below >> mix.layers;
        above >> mix.layers;
        mix   >> null;
    }?;
    clock.advance(5).await?;
    let begin = cpu_ns();
    clock.advance(FRAMES).await?;
    let cost = cpu_ns() - begin;
    show.stop().await?;
    Ok(Figures::one("cpu_us", cost as f64 / FRAMES as f64 / 1e3))
}
