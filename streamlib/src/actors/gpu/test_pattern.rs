//! Test pictures that are drawn on a card.

use super::site::{Card, Site, blocks, not_started};
use crate::actor::{Actor, Output};
use crate::actors::dimensions;
use crate::actors::test_pattern::{Painter, Pattern, box_in};
use crate::gpu::{Argument, Device, Kernel, OnProcessor, Source, Stream, card};
use crate::memory::Pool;
use crate::message::{GpuFrame, PixelFormat, VideoFrame};
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// The kernels.
const KERNELS: &str = include_str!("kernels/pattern.cu");

/// Sends a [`Pattern`] on every tick, on the card: 1920 × 1080 pixels of Rgba8 without end, unless told otherwise.
///
/// A pattern that stands still is drawn once, by the processor, and brought to the card when the actor starts; every tick then
/// sends the same memory again. One that moves ([`MovingBox`](Pattern::MovingBox), [`Noise`](Pattern::Noise)) is drawn by the
/// card. The pixels are those of a [`TestPattern`](crate::actors::TestPattern) in Rgba8.
#[actor(dispatcher = gpu, new = assemble)]
#[derive(Debug)]
pub struct GpuTestPattern {
    /// The pattern, once a tick.
    #[output]
    pub video: Output<GpuFrame>,
    pattern: Pattern,
    width: u32,
    height: u32,
    frames: Option<u64>,
    sent: u64,
    still: Option<GpuFrame>,
    painter: Painter,
    pool: Pool,
    site: Site<Option<Kernels>>,
}

#[derive(Debug)]
struct Kernels {
    moving_box: Kernel,
    noise: Kernel,
}

impl Kernels {
    fn load(device: &Device) -> Result<Self> {
        let module = device.load(&Source::cuda("pattern.cu", KERNELS))?;
        Ok(Self {
            moving_box: module.kernel("moving_box")?,
            noise: module.kernel("noise")?,
        })
    }
}

impl GpuTestPattern {
    /// Sends `pattern`.
    #[must_use]
    pub fn new(pattern: Pattern) -> Self {
        let (painter, pool, site) = (Painter::default(), Pool::new(), Site::default());
        Self::assemble(pattern, 1920, 1080, None, 0, None, painter, pool, site)
    }

    /// Makes the pictures `width` × `height` pixels, 1 to 16384 each. Anything else is an error when the graph is built.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// Ends after `count` pictures.
    #[must_use]
    pub fn frames(mut self, count: u64) -> Self {
        self.frames = Some(count);
        self
    }

    /// The pattern as the processor draws it.
    fn painted(&mut self, frame_number: u64) -> Result<VideoFrame> {
        let format = PixelFormat::Rgba8;
        let mut frame = VideoFrame::from_pool(&self.pool, format, self.width, self.height)?;
        self.painter.paint(self.pattern, &mut frame, frame_number);
        Ok(frame)
    }

    /// The pattern that stands still, on the card.
    async fn brought(&mut self) -> Result<GpuFrame> {
        let painted = self.painted(0)?;
        let Site::Card(card) = &self.site else {
            return Ok(painted.into());
        };
        let stream = &card.stream;
        let pinned = Pool::of_memory(stream.device().pinned());
        let mut bytes = pinned.try_take(painted.pixels().len())?;
        bytes.make_mut().copy_from_slice(painted.pixels());
        let filling = GpuFrame::like(&card.pool, &painted)?.fill(stream)?;
        // SAFETY: as many bytes; these are pinned, and waited for below whatever happens.
        let asked = unsafe { stream.upload(filling.address(), &bytes) };
        let filled = filling.done();
        // Once, before the first tick.
        if let Err(error) = stream.finished().await {
            std::mem::forget(bytes); // the card may still read them
            return Err(error);
        }
        asked.and(filled)
    }
}

impl OnProcessor for GpuTestPattern {}

/// Draws a pattern that moves.
fn draw(
    pattern: Pattern,
    frame: GpuFrame,
    stream: &Stream,
    kernels: &Kernels,
    frame_number: u64,
) -> Result<GpuFrame> {
    let (width, height) = frame.dimensions();
    let filling = frame.fill(stream)?;
    let (address, wide, high) = (filling.address(), width as i32, height as i32);
    let (grid, block) = ((blocks(width, 32), blocks(height, 8), 1), (32, 8, 1));
    let [picture, wide, high] = [
        Argument::of(&address),
        Argument::of(&wide),
        Argument::of(&high),
    ];
    if pattern == Pattern::Noise {
        let arguments = [picture, wide, high, Argument::of(&frame_number)];
        // SAFETY: the parameters of `noise`, which writes as many pixels as the picture has.
        unsafe { stream.launch(&kernels.noise, grid, block, &arguments)? };
        return filling.done();
    }
    let (left, top, side) = box_in((width as usize, height as usize), frame_number);
    let [left, top, side] = [left, top, side].map(|pixels| pixels as i32);
    let place = [Argument::of(&left), Argument::of(&top), Argument::of(&side)];
    let arguments = [picture, wide, high, place[0], place[1], place[2]];
    // SAFETY: the parameters of `moving_box`, which writes as many pixels as the picture has.
    unsafe { stream.launch(&kernels.moving_box, grid, block, &arguments)? };
    filling.done()
}

impl Actor for GpuTestPattern {
    fn check(&self) -> Result<()> {
        dimensions::check(self.width, self.height)?;
        if self.pattern.is_static() {
            return Ok(());
        }
        card::check_compiler()
    }

    async fn on_start(&mut self) -> Result<()> {
        self.check()?;
        let moves = !self.pattern.is_static();
        self.site = Site::find(|device| moves.then(|| Kernels::load(device)).transpose())?;
        if moves {
            if let Site::Card(card) = &self.site {
                let bytes = self.width as usize * self.height as usize * 4;
                card.pool.reserve(self.video.readers() + 3, bytes)?;
            }
        } else {
            self.still = Some(self.brought().await?);
        }
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if self.frames.is_some_and(|frames| self.sent >= frames) {
            return Err(Error::EndOfStream);
        }
        self.sent += 1;
        if let Some(still) = &self.still {
            self.video.send(still.clone(), tick);
            return Ok(());
        }
        let frame = match &self.site {
            Site::Card(Card {
                stream,
                pool,
                kernels: Some(kernels),
            }) => {
                let frame = GpuFrame::from_pool(pool, PixelFormat::Rgba8, self.width, self.height)?;
                draw(self.pattern, frame, stream, kernels, tick.frame_number)?
            }
            Site::Processor => self.painted(tick.frame_number)?.into(),
            _ => return Err(not_started()),
        };
        self.video.send(frame, tick);
        Ok(())
    }

    async fn on_stop(&mut self) -> Result<()> {
        self.still = None;
        self.site = Site::Nowhere;
        Ok(())
    }

    fn summary(&self) -> String {
        let Self {
            pattern,
            width,
            height,
            site,
            ..
        } = self;
        format!("sends {pattern}, {width}×{height} Rgba8, {}", site.told())
    }
}
