//! From a card to the processor's memory.

use super::site::{Card, Expected, Site, in_use, not_started};
use crate::actor::{Actor, Input, Output};
use crate::gpu::{Finished, OnProcessor, Stream};
use crate::memory::Pool;
use crate::message::{GpuFrame, PixelFormat, VideoFrame};
use crate::time::TimedTick;
use crate::{Result, actor};

/// Fetches pictures from the card.
///
/// The card brings them by itself into page-locked memory, which is that of the pictures sent: nothing is copied after. The
/// actor waits for that without holding a thread; the card and the other actors go on with the next tick meanwhile, and who
/// reads the picture before has other memory.
///
/// A picture is sent on the tick that it is of, as soon as it is there. Where the card needs longer than a tick for all that a
/// picture takes, [`overlapped`](Self::overlapped) keeps the rate.
///
/// Where there is no card (`on gpu.or(threads)`), pictures are passed on as they are.
#[actor(dispatcher = gpu, new = assemble)]
#[derive(Debug)]
pub struct Download {
    /// Pictures on the card, in any format.
    #[input]
    pub video: Input<GpuFrame>,
    /// The same in the processor's memory.
    #[output]
    pub downloaded: Output<VideoFrame>,
    is_overlapped: bool,
    expected: Option<Expected>,
    site: Site<Pool>,
    landing: Option<Landing>,
}

impl Download {
    /// Fetches pictures from the card.
    #[must_use]
    pub fn new() -> Self {
        Self::assemble(false, None, Site::default(), None)
    }

    /// Takes memory for pictures like these when it starts; what it was not told of, the first picture takes on its tick, for which
    /// the card may have to be waited for.
    #[must_use]
    pub fn ready_for(mut self, format: PixelFormat, width: u32, height: u32) -> Self {
        self.expected = Some(Expected::of(format, width, height));
        self
    }

    /// Sends on each tick the picture of the tick before, and lets the card bring this one meanwhile: two are under way at a
    /// time. The last one is not sent when the stream ends.
    #[must_use]
    pub fn overlapped(mut self) -> Self {
        self.is_overlapped = true;
        self
    }
}

impl Default for Download {
    fn default() -> Self {
        Self::new()
    }
}

impl OnProcessor for Download {}

/// A picture on its way. Its memory is the card's until it is there.
#[derive(Debug)]
struct Landing {
    picture: VideoFrame,
    landed: Finished,
    is_there: bool,
}

impl Landing {
    /// Lets the card bring `frame`.
    fn start(frame: &GpuFrame, stream: &Stream, pinned: &Pool) -> Result<Self> {
        let mut pixels = pinned.try_take(frame.size())?;
        let reading = frame.read(stream)?;
        let bytes = pixels.make_mut();
        // SAFETY: both have as many bytes; these are pinned, nobody else holds them, and the landing keeps them until
        // the card is done.
        let asked = unsafe { stream.download(bytes, reading.address()) };
        let noted = reading.done();
        let landing = Self {
            picture: frame.described_on_processor(pixels),
            landed: stream.finished(),
            is_there: false,
        };
        asked.and(noted).map(|()| landing)
    }

    /// Waits until the picture is there.
    async fn land(mut self) -> Result<VideoFrame> {
        (&mut self.landed).await?;
        self.is_there = true;
        Ok(std::mem::take(&mut self.picture))
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if !self.is_there && self.landed.wait().is_err() {
            // The card may still write it.
            std::mem::forget(std::mem::take(&mut self.picture));
        }
    }
}

impl Actor for Download {
    fn check(&self) -> Result<()> {
        self.expected.map(Expected::shape).transpose().map(drop)
    }

    async fn on_start(&mut self) -> Result<()> {
        let bytes = self.expected.map(Expected::bytes).transpose()?;
        let most = in_use(self.downloaded.readers());
        self.site = Site::find(|device| {
            let pinned = Pool::of_memory(device.pinned());
            if let Some(bytes) = bytes {
                pinned.reserve(most, bytes)?;
            }
            Ok(pinned)
        })?;
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let Some(frame) = self.video.latest().filter(|frame| !frame.is_empty()) else {
            return Ok(());
        };
        let Card {
            stream,
            kernels: pinned,
            ..
        } = match &self.site {
            Site::Card(card) => card,
            Site::Processor => {
                let picture = frame.needed_on_processor()?;
                self.downloaded.send(picture.clone(), tick);
                return Ok(());
            }
            Site::Nowhere => return Err(not_started()),
        };
        let landing = Landing::start(&frame, stream, pinned)?;
        let next = if self.is_overlapped {
            self.landing.replace(landing)
        } else {
            Some(landing)
        };
        if let Some(landing) = next {
            let picture = landing.land().await?;
            self.downloaded.send(picture, tick);
        }
        Ok(())
    }

    async fn on_stop(&mut self) -> Result<()> {
        if let Some(landing) = self.landing.take() {
            landing.land().await?;
        }
        self.site = Site::Nowhere;
        Ok(())
    }

    fn summary(&self) -> String {
        match &self.site {
            Site::Processor => "passes pictures on: there is no card".into(),
            site if self.is_overlapped => {
                format!(
                    "fetches pictures from the card, a tick later ({})",
                    site.told()
                )
            }
            site => format!("fetches pictures from the card ({})", site.told()),
        }
    }
}
