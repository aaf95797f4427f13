//! What was made of a picture, kept as long as that picture comes again.

use crate::Result;
use crate::actor::Output;
use crate::message::VideoFrame;
use crate::time::TimedTick;

/// The last picture that was worked on, and what became of it.
///
/// While it is held its memory is not written to by anybody, so that the same memory is the same picture.
#[derive(Debug, Default)]
pub(super) struct Kept {
    source: VideoFrame,
    ready: VideoFrame,
}

impl Kept {
    /// What was made of `frame`, with what is told of it now; if it is there again.
    pub fn again(&self, frame: &VideoFrame) -> Option<VideoFrame> {
        if !self.source.shows_the_same_as(frame) {
            return None;
        }
        let mut again = self.ready.clone();
        again.set_metadata(frame.metadata().cloned());
        Some(again)
    }

    /// Has `make` make something of `frame`, in the memory of what was made last if nobody holds that any more. What fails
    /// is not kept.
    pub fn make(
        &mut self,
        frame: &VideoFrame,
        make: impl FnOnce(&mut VideoFrame) -> Result<()>,
    ) -> Result<VideoFrame> {
        self.forget();
        make(&mut self.ready)?;
        self.source = frame.clone();
        Ok(self.ready.clone())
    }

    /// Publishes what was made of `frame` if it is there again, or else what `make` makes of it.
    pub fn send(
        &mut self,
        frame: &VideoFrame,
        out: &mut Output<VideoFrame>,
        tick: TimedTick,
        make: impl FnOnce(&mut VideoFrame) -> Result<()>,
    ) -> Result<()> {
        let mut slot = out.slot();
        // Whatever was in it gives its memory back, in which the next is made.
        *slot = VideoFrame::default();
        *slot = match self.again(frame) {
            Some(again) => again,
            None => self.make(frame, make)?,
        };
        slot.publish(tick);
        Ok(())
    }

    /// Lets go of the picture that was there last: it is not needed any more.
    pub fn forget(&mut self) {
        self.source = VideoFrame::default();
    }
}
