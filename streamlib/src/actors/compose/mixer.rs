//! The stack of one tick, published: composed, passed on, or the same picture again.

use super::placed::Placed;
use super::stack_format::Common;
use super::{Background, planar, rgb};
use crate::Result;
use crate::actor::Output;
use crate::memory::Pool;
use crate::message::{PixelFormat, VideoFrame};
use crate::time::TimedTick;

/// Makes pictures of one size of what is put into it on a tick, and does what costs least.
#[derive(Debug, Default)]
pub(in crate::actors) struct Mixer {
    width: u32,
    height: u32,
    pub background: Background,
    pool: Pool,
    room: rgb::Room,
    /// The pictures of this tick, the lowest first.
    stack: Vec<Placed>,
    /// What was composed last, and of what.
    last: Option<VideoFrame>,
    last_stack: Vec<Placed>,
    last_background: Background,
}

impl Mixer {
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            ..Self::default()
        }
    }

    /// Begins a tick with nothing on the background.
    pub fn begin(&mut self) {
        self.stack.clear();
    }

    /// Puts a picture on those that are there.
    pub fn put(&mut self, placed: Placed) {
        self.stack.push(placed);
    }

    /// Puts a picture under those that are there; says whether it hides all that would be put under it.
    pub fn put_under(&mut self, placed: Placed) -> bool {
        let hides = placed.is_opaque() && self.fills(&placed);
        self.stack.insert(0, placed);
        hides
    }

    /// Publishes the pictures of this tick as one.
    pub fn send(
        &mut self,
        common: Common,
        video: &mut Output<VideoFrame>,
        tick: TimedTick,
    ) -> Result<()> {
        let format = common.format;
        if let Some(only) = self.only(format) {
            video.send(only.clone(), tick);
            // Nor is what was composed before held any longer.
            self.last = None;
            self.last_stack.clear();
        } else if let Some(last) = self.last(common) {
            video.send(last.clone(), tick);
        } else {
            let mut slot = video.slot();
            // What was in it gives its memory back, so that there are as few pictures as can be, and they stay in the caches.
            *slot = VideoFrame::default();
            // Not in that of the slot: it may hold what was passed on.
            let mut out = VideoFrame::from_pool(&self.pool, format, self.width, self.height)?;
            if format == PixelFormat::I420 {
                out.set_colorimetry(common.colorimetry);
                planar::compose(&mut out, self.background, &self.stack);
            } else {
                rgb::compose(&mut out, self.background, &self.stack, &mut self.room);
            }
            if let Some(ground) = self.stack.first().filter(|lowest| self.fills(lowest)) {
                let fields = ground.frame.field_order();
                out.set_field_order(fields.beginning_at(ground.from_y));
                out.set_pixel_aspect(ground.frame.pixel_aspect());
            }
            self.last = Some(out.clone());
            *slot = out;
            slot.publish(tick);
            self.last_background = self.background;
            std::mem::swap(&mut self.stack, &mut self.last_stack);
        }
        self.stack.clear();
        Ok(())
    }

    /// Whether it lies on all of the result.
    fn fills(&self, placed: &Placed) -> bool {
        (placed.width, placed.height) == (self.width as usize, self.height as usize)
    }

    /// The picture of which the whole result consists, if it is one as it came.
    fn only(&self, format: PixelFormat) -> Option<&VideoFrame> {
        let [only] = &*self.stack else { return None };
        let frame = &only.frame;
        let is_as_it_came = frame.dimensions() == (self.width, self.height)
            && frame.format() == format
            && only.is_plain();
        (self.fills(only) && is_as_it_came).then_some(frame)
    }

    /// What was composed last, if that would come out again.
    fn last(&self, common: Common) -> Option<&VideoFrame> {
        let last = self.last.as_ref()?;
        let is_same = last.format() == common.format
            && last.colorimetry() == common.colorimetry
            && self.background == self.last_background
            && self.stack.len() == self.last_stack.len()
            && self
                .stack
                .iter()
                .zip(&self.last_stack)
                .all(|(now, then)| now.is_same(then));
        is_same.then_some(last)
    }
}
