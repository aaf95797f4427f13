//! From the processor's memory to a card.

use super::site::{Card, Expected, Site, in_use, not_started};
use crate::actor::{Actor, Input, Output};
use crate::gpu::{Event, OnProcessor, Stream};
use crate::memory::{Buffer, Pool};
use crate::message::{GpuFrame, PixelFormat, VideoFrame};
use crate::time::TimedTick;
use crate::{Result, actor};

/// How many pictures are on their way at a time.
const DOUBLE: usize = 2;

/// Brings pictures to the card.
///
/// The card fetches them by itself, from page-locked memory, while the actors of this tick and the next go on: one is
/// fetched while the other is written. A picture that lies in such memory already, as those of
/// [`Download`](super::Download) do, is fetched from where it is; one that is the same as the last is not fetched again.
///
/// Where there is no card (`on gpu.or(threads)`), pictures are passed on as they are.
#[actor(dispatcher = gpu, new = assemble)]
#[derive(Debug)]
pub struct Upload {
    /// Pictures in the processor's memory, in any format.
    #[input]
    pub video: Input<VideoFrame>,
    /// The same on the card.
    #[output]
    pub uploaded: Output<GpuFrame>,
    expected: Option<Expected>,
    site: Site<Fetching>,
    last: Option<(VideoFrame, GpuFrame)>,
}

impl Upload {
    /// Brings pictures to the card.
    #[must_use]
    pub fn new() -> Self {
        Self::assemble(None, Site::default(), None)
    }

    /// Takes memory for pictures like these when it starts; what it was not told of, the first picture takes on its tick, for which
    /// the card may have to be waited for.
    #[must_use]
    pub fn ready_for(mut self, format: PixelFormat, width: u32, height: u32) -> Self {
        self.expected = Some(Expected::of(format, width, height));
        self
    }
}

impl Default for Upload {
    fn default() -> Self {
        Self::new()
    }
}

impl OnProcessor for Upload {}

/// The pictures on their way.
#[derive(Debug)]
struct Fetching {
    pinned: Pool,
    transfers: [Transfer; DOUBLE],
    next: usize,
}

/// A picture on its way, and the memory that it is fetched from.
struct Transfer {
    fetched: Event,
    is_busy: bool,
    copied: Buffer,
    /// In place of that, one that is page-locked itself.
    whole: Option<VideoFrame>,
}

impl Transfer {
    /// Waits until the card has fetched what is on its way.
    async fn free(&mut self, stream: &Stream) -> Result<()> {
        if self.is_busy && !self.fetched.is_done()? {
            stream.finished().await?; // the card is behind by two pictures
        }
        self.is_busy = false;
        self.whole = None;
        Ok(())
    }

    /// Lets the card fetch `frame`.
    fn fetch(
        &mut self,
        frame: &VideoFrame,
        pinned: &Pool,
        stream: &Stream,
        out: GpuFrame,
    ) -> Result<GpuFrame> {
        let bytes = if frame.is_page_locked() {
            self.whole.insert(frame.clone()).pixels()
        } else {
            if self.copied.capacity() < frame.pixels().len() {
                self.copied = pinned.try_take(frame.pixels().len())?;
            }
            let copied = self.copied.reset(frame.pixels().len())?;
            copied.copy_from_slice(frame.pixels());
            copied
        };
        let filling = out.fill(stream)?;
        self.is_busy = true;
        // SAFETY: both have as many bytes; these are pinned, and this transfer keeps them until `fetched` is done.
        let asked = unsafe { stream.upload(filling.address(), bytes) };
        asked
            .and_then(|()| self.fetched.record(stream))
            .inspect_err(|_| self.give_up())?;
        filling.done()
    }

    /// Lets go of memory that the card may read without anybody's knowing until when.
    fn give_up(&mut self) {
        self.is_busy = false;
        std::mem::forget((std::mem::take(&mut self.copied), self.whole.take()));
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if self.is_busy && !self.fetched.settle() {
            self.give_up();
        }
    }
}

impl std::fmt::Debug for Transfer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transfer")
            .field("is_busy", &self.is_busy)
            .finish_non_exhaustive()
    }
}

impl Actor for Upload {
    fn check(&self) -> Result<()> {
        self.expected.map(Expected::shape).transpose().map(drop)
    }

    async fn on_start(&mut self) -> Result<()> {
        let bytes = self.expected.map(Expected::bytes).transpose()?;
        self.site = Site::find(|device| {
            let pinned = Pool::of_memory(device.pinned());
            let transfer = || -> Result<Transfer> {
                Ok(Transfer {
                    fetched: Event::new(device)?,
                    is_busy: false,
                    copied: match bytes {
                        Some(bytes) => pinned.try_take(bytes)?,
                        None => Buffer::empty(),
                    },
                    whole: None,
                })
            };
            Ok(Fetching {
                transfers: [transfer()?, transfer()?],
                next: 0,
                pinned,
            })
        })?;
        if let (Site::Card(card), Some(bytes)) = (&self.site, bytes) {
            card.pool.reserve(in_use(self.uploaded.readers()), bytes)?;
        }
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let Some(frame) = self.video.latest().filter(|frame| !frame.is_empty()) else {
            return Ok(());
        };
        let Card {
            stream,
            pool,
            kernels: fetching,
        } = match &mut self.site {
            Site::Card(card) => card,
            Site::Processor => {
                self.uploaded.send(frame.clone().into(), tick);
                return Ok(());
            }
            Site::Nowhere => return Err(not_started()),
        };
        if let Some((last, on_card)) = &self.last
            && last.is_same_picture(&frame)
        {
            self.uploaded.send(on_card.clone(), tick);
            return Ok(());
        }
        self.last = None;
        let out = GpuFrame::like(pool, &frame)?;
        fetching.next = (fetching.next + 1) % DOUBLE;
        let transfer = &mut fetching.transfers[fetching.next];
        transfer.free(stream).await?;
        let out = transfer.fetch(&frame, &fetching.pinned, stream, out)?;
        self.last = Some((frame.clone(), out.clone()));
        self.uploaded.send(out, tick);
        Ok(())
    }

    async fn on_stop(&mut self) -> Result<()> {
        self.last = None;
        self.site = Site::Nowhere;
        Ok(())
    }

    fn summary(&self) -> String {
        match &self.site {
            Site::Processor => "passes pictures on: there is no card".into(),
            site => format!("brings pictures to the card ({})", site.told()),
        }
    }
}
