//! The pictures of a source beside each other, as on a strip of film.

use streamlib::prelude::*;

/// How many are on the strip.
const PICTURES: u32 = 4;
/// The columns between two of them.
const GAP: u32 = 4;

/// Sends a strip of the first pictures that come, once they have come.
#[actor(new = assemble)]
pub struct Strip {
    #[input]
    video: Input<VideoFrame>,
    #[output]
    strip: Output<VideoFrame>,
    shown: Vec<VideoFrame>,
}

impl Strip {
    pub fn new() -> Self {
        Self::assemble(Vec::new())
    }
}

impl Actor for Strip {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.shown
            .extend(self.video.next().map(|frame| frame.clone()));
        if self.shown.len() < PICTURES as usize {
            return Ok(());
        }
        let (width, height) = self.shown[0].dimensions();
        let mut strip = self.strip.slot();
        strip.reset(PixelFormat::Rgb8, PICTURES * (width + GAP) - GAP, height)?;
        let step = (width + GAP) as usize * 3;
        for (y, row) in strip.rows_mut().enumerate() {
            row.fill(255);
            for (to, frame) in row.chunks_mut(step).zip(&self.shown) {
                let from = frame.row(y as u32).unwrap_or_default();
                to[..from.len()].copy_from_slice(from);
            }
        }
        strip.publish(tick);
        self.shown.clear();
        Ok(())
    }
}
