//! Layers at 1080p, all but the lowest half transparent, blended into one picture.

use streamlib::prelude::*;

use crate::figures::{Figures, Meter};

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

/// Two 1080p pictures in which neighbouring pixels differ.
fn pictures(format: PixelFormat, seed: usize) -> Result<Pictures> {
    let picture = |seed: usize| {
        let mut frame = VideoFrame::new(format, 1920, 1080)?;
        for (index, bytes) in frame.pixels_mut().chunks_exact_mut(4).enumerate() {
            let value = (index + seed) * 2_654_435_761;
            bytes.copy_from_slice(&((value >> 8) as u32).to_le_bytes());
            if format == PixelFormat::Rgba8 {
                bytes[3] = if seed < 2 { 255 } else { 128 };
            }
        }
        Ok::<_, Error>(frame)
    };
    Ok(Pictures::new([picture(2 * seed)?, picture(2 * seed + 1)?]))
}

/// The cost of a picture of `layers` layers (2, 4 or 8) in `format`.
///
/// # Errors
/// When the graph can't be started.
pub async fn layers(format: PixelFormat, layers: usize) -> Result<Figures> {
    const FRAMES: u64 = 60;
    let clock = VirtualClock::fps(60);
    let mut mix = Compositor::new(1920, 1080);
    if format == PixelFormat::I420 {
        for index in 1..layers {
            mix = mix.set(index, Layer::new().opacity(0.5));
        }
    }
    let picture = |seed| pictures(format, seed);
    let show = match layers {
        2 => pipeline! {
            clock house = clock.clone();
            a = picture(0)? @ house;
            b = picture(1)? @ house;
            null = Null::new() on inline;
            a >> mix.layers;
            b >> mix.layers;
            mix >> null;
        },
        4 => pipeline! {
            clock house = clock.clone();
            a = picture(0)? @ house;
            b = picture(1)? @ house;
            c = picture(2)? @ house;
            d = picture(3)? @ house;
            null = Null::new() on inline;
            a >> mix.layers;
            b >> mix.layers;
            c >> mix.layers;
            d >> mix.layers;
            mix >> null;
        },
        _ => pipeline! {
            clock house = clock.clone();
            a = picture(0)? @ house;
            b = picture(1)? @ house;
            c = picture(2)? @ house;
            d = picture(3)? @ house;
            e = picture(4)? @ house;
            f = picture(5)? @ house;
            g = picture(6)? @ house;
            h = picture(7)? @ house;
            null = Null::new() on inline;
            a >> mix.layers;
            b >> mix.layers;
            c >> mix.layers;
            d >> mix.layers;
            e >> mix.layers;
            f >> mix.layers;
            g >> mix.layers;
            h >> mix.layers;
            mix >> null;
        },
    }?;
    clock.advance(20).await?; // until all memory is there
    let meter = Meter::start();
    clock.advance(FRAMES).await?;
    let bytes = 1920 * 1080 * if format == PixelFormat::I420 { 3 } else { 8 } / 2;
    let figures = meter.a_frame(FRAMES).beside_copying(layers * bytes, bytes);
    show.stop().await?;
    Ok(figures)
}
