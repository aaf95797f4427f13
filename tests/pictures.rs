//! Actors of pictures that are one grey all over, in which a byte that is not right is seen.

use streamlib::prelude::*;

use crate::Log;

/// Sends pictures of one grey, another each time: that of the tick's number.
#[actor]
pub struct Grey {
    /// The pictures.
    #[output]
    pub video: Output<VideoFrame>,
    format: PixelFormat,
    width: u32,
    height: u32,
}

impl Actor for Grey {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let mut frame = self.video.slot();
        frame.reset(self.format, self.width, self.height)?;
        frame.pixels_mut().fill(tick.frame_number as u8);
        frame.publish(tick);
        Ok(())
    }
}

/// Turns every byte around.
#[actor]
pub struct Invert {
    /// Pictures.
    #[input]
    pub video: Input<VideoFrame>,
    /// Their negatives.
    #[output]
    pub inverted: Output<VideoFrame>,
}

impl Actor for Invert {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.latest() {
            let mut out = self.inverted.slot();
            out.copy_from(&frame)?;
            out.pixels_mut().iter_mut().for_each(|byte| *byte = !*byte);
            out.publish(tick);
        }
        Ok(())
    }
}

/// Looks at every pixel: writes down the number of each picture, and whether all of it is the grey of that number, or the negative
/// of that.
#[actor]
pub struct Look {
    /// Pictures.
    #[input]
    pub video: Input<VideoFrame>,
    is_inverted: bool,
    log: Log<(u64, bool)>,
}

impl Actor for Look {
    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        if let Some(frame) = self.video.next() {
            let grey = frame.frame_number() as u8;
            let grey = if self.is_inverted { !grey } else { grey };
            let is_whole = frame.pixels().iter().all(|&byte| byte == grey);
            self.log.push((frame.frame_number(), is_whole));
        }
        Ok(())
    }
}
