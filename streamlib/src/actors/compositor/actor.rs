//! The actor: takes the newest picture of each layer and publishes what they look like together.

use std::mem;

use super::blend;
use crate::actor::{Actor, Inputs, Output};
use crate::actors::dimensions;
use crate::message::{PixelFormat, VideoFrame};
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// Puts layers of one size over each other, in the order in which they were connected: the first is
/// the lowest.
///
/// ![A disc that fades out over colour bars](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/compositor.png)
///
/// A layer covers what is under it by its alpha (straight, not premultiplied; Rgb8 is opaque), and
/// black is under the lowest: each component is `above · a + below · (1 − a)`, exact to one level. A
/// layer that has sent no picture yet is left out; while there is none at all, the picture is black.
///
/// The picture is Rgb8 if all layers are, and then it is the topmost layer's own, passed on without a
/// copy. If one of them is Rgba8, so is the picture, with an alpha of 255.
///
/// # Errors
///
/// A size of 0 or beyond 16384 a side is an error when the graph is built. A layer of another size is an
/// error on each tick that meets it, which says which layer, and both sizes; so is one of another format.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::prelude::*;
///
/// let mut harness = Harness::new(Compositor::new(1, 1))?;
/// let mut below = harness.feed(|mix| &mut mix.layers);
/// let mut above = harness.feed(|mix| &mut mix.layers);
/// let mut video = harness.probe(|mix| &mut mix.video);
///
/// below.send(VideoFrame::from_pixels(PixelFormat::Rgb8, 1, 1, [200, 100, 0])?);
/// above.send(VideoFrame::from_pixels(PixelFormat::Rgba8, 1, 1, [0, 0, 255, 51])?); // 20 %
/// harness.tick()?;
/// assert_eq!(video.latest().expect("a picture a tick").pixels(), [160, 80, 51, 255]);
/// # Ok::<(), streamlib::Error>(())
/// ```
#[actor(new = assemble)]
#[derive(Debug)]
pub struct Compositor {
    /// The layers, the lowest first.
    #[input]
    pub layers: Inputs<VideoFrame>,
    /// What they look like together.
    #[output]
    pub video: Output<VideoFrame>,
    width: u32,
    height: u32,
    black: VideoFrame,
    /// The pictures of one tick; empty between ticks, with memory for as many as there were.
    frames: Vec<VideoFrame>,
    /// The pixels of one tick's layers; empty between ticks, as above.
    pixels: Vec<&'static [u8]>,
}

impl Compositor {
    /// A compositor for layers of `width` × `height` pixels.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        Self::assemble(width, height, VideoFrame::default(), Vec::new(), Vec::new())
    }

    /// Takes the newest picture of each layer that has one.
    fn take_frames(&mut self) -> Result<()> {
        self.frames.clear();
        for (index, layer) in self.layers.iter_mut().enumerate() {
            let Some(frame) = layer.latest() else {
                continue;
            };
            if frame.dimensions() != (self.width, self.height) {
                let (width, height) = frame.dimensions();
                return Err(Error::invalid(
                    format!("layer {} (the lowest is 1)", index + 1),
                    format_args!("{width} × {height} pixels"),
                    format!(
                        "{} × {} pixels, as all layers; scale it before",
                        self.width, self.height
                    ),
                ));
            }
            let readable = matches!(frame.format(), PixelFormat::Rgb8 | PixelFormat::Rgba8);
            if !readable || !frame.is_contiguous() {
                return Err(Error::invalid(
                    format!("layer {} (the lowest is 1)", index + 1),
                    frame.format(),
                    "Rgb8 or Rgba8 without gaps between the rows; convert it before",
                ));
            }
            self.frames.push(frame.clone());
        }
        Ok(())
    }

    fn compose(&mut self, tick: TimedTick) -> Result<()> {
        let Some(top) = self.frames.last() else {
            self.video.send(self.black.clone(), tick);
            return Ok(());
        };
        if !self.frames.iter().any(|frame| frame.format().has_alpha()) {
            self.video.send(top.clone(), tick);
            return Ok(());
        }
        // What lies under an opaque layer cannot be seen.
        let opaque = self
            .frames
            .iter()
            .rposition(|frame| !frame.format().has_alpha());
        let base = opaque.map(|index| self.frames[index].pixels());
        let layers = &self.frames[opaque.map_or(0, |index| index + 1)..];

        let mut pixels = reuse(mem::take(&mut self.pixels));
        pixels.extend(layers.iter().map(VideoFrame::pixels));
        let mut out = self.video.slot();
        out.reset(PixelFormat::Rgba8, self.width, self.height)?;
        blend::compose(out.pixels_mut(), base, &pixels);
        out.publish(tick);
        self.pixels = reuse(pixels);
        Ok(())
    }
}

/// The memory of a list, for a list of slices that live for another time.
fn reuse<'b>(mut list: Vec<&[u8]>) -> Vec<&'b [u8]> {
    list.clear();
    // Collecting into the same layout keeps the memory.
    list.into_iter().map(|_| -> &[u8] { &[] }).collect()
}

impl Actor for Compositor {
    fn check(&self) -> Result<()> {
        dimensions::check(self.width, self.height)
    }

    async fn on_start(&mut self) -> Result<()> {
        self.black = VideoFrame::new(PixelFormat::Rgb8, self.width, self.height)?;
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let done = self.take_frames().and_then(|()| self.compose(tick));
        self.frames.clear(); // their memory goes back to where it came from
        done
    }

    fn summary(&self) -> String {
        format!(
            "{} layers of {}×{} over black",
            self.layers.len(),
            self.width,
            self.height
        )
    }
}
