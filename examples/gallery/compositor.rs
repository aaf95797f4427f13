//! What `Compositor` makes of two layers.

use std::path::PathBuf;

use streamlib::prelude::*;

/// A disc that is opaque in its middle and transparent at its edge.
#[actor]
fn disc(width: u32, height: u32) -> Result<VideoFrame> {
    let mut frame = VideoFrame::new(PixelFormat::Rgba8, width, height)?;
    let radius = f64::from(height) * 0.45;
    for (pixel, number) in frame.pixels_mut().chunks_exact_mut(4).zip(0..) {
        let x = f64::from(number % width) - f64::from(width) / 2.0;
        let y = f64::from(number / width) - f64::from(height) / 2.0;
        let alpha = 255.0 * (1.0 - x.hypot(y) / radius).max(0.0).sqrt();
        pixel.copy_from_slice(&[255, 255, 255, alpha as u8]);
    }
    Ok(frame)
}

pub async fn compositor(to: PathBuf) -> Result<()> {
    let clock = VirtualClock::fps(60);
    let show = pipeline! {
        clock house = clock.clone();
        bars = TestPattern::new(Pattern::SmpteBars).size(480, 270) @ house;
        disc = disc(480, 270) @ house;
        mix  = Compositor::new(480, 270);

        bars >> mix.layers;
        disc >> mix.layers;
        mix  >> Snapshot::new(to);
    }?;
    clock.advance(1).await?;
    show.stop().await
}
