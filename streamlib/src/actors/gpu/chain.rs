//! Several filters of a card as one actor, whose kernels are captured once and replayed.

use super::filter::GpuFilter;
use super::site::{Card, Expected, Site, in_use, not_started};
use crate::actor::{Actor, Input, Output};
use crate::gpu::{Address, CardMemory, CardPool, Graph, OnProcessor, Stream, card};
use crate::memory::Pool;
use crate::message::{GpuFrame, GpuPicture, GpuTarget, PixelFormat, Placed, Shape, VideoFrame};
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// As many captured graphs are kept: one for each pair of memory that a picture comes in and goes out in. Rings use theirs in
/// turn, so there are few pairs.
const GRAPHS: usize = 64;

/// Filters one after the other, put into the card's stream in one call a tick.
///
/// The kernels of all of them are captured as a CUDA graph when a pair of memory (of the picture that comes, and of the one that
/// goes) is first seen, and replayed after. What lies between the filters never leaves the actor.
///
/// ```
/// use streamlib::prelude::*;
///
/// let chain = GpuChain::of(GpuConversion::to(PixelFormat::Nv12)).then(GpuConversion::to(PixelFormat::Uyvy));
/// # drop(chain);
/// ```
#[actor(dispatcher = gpu, new = assemble)]
#[derive(Debug)]
pub struct GpuChain {
    /// What the first filter takes.
    #[input]
    pub video: Input<GpuFrame>,
    /// What the last filter makes.
    #[output]
    pub filtered: Output<GpuFrame>,
    filters: Filters,
    expected: Option<Expected>,
    pool: Pool,
    site: Site<()>,
    state: Option<Prepared>,
}

struct Filters(Vec<Box<dyn GpuFilter>>);

impl std::fmt::Debug for Filters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} filters", self.0.len())
    }
}

impl GpuChain {
    /// A chain of one filter.
    #[must_use]
    pub fn of(filter: impl GpuFilter) -> Self {
        let filters = Filters(vec![Box::new(filter)]);
        Self::assemble(filters, None, Pool::new(), Site::default(), None)
    }

    /// Takes memory for what it makes of pictures like these when it starts; what it was not told of, the first picture takes on
    /// its tick, for which the card may have to be waited for.
    #[must_use]
    pub fn ready_for(mut self, format: PixelFormat, width: u32, height: u32) -> Self {
        self.expected = Some(Expected::of(format, width, height));
        self
    }

    /// One more filter, which works on what the one before makes.
    #[must_use]
    pub fn then(mut self, filter: impl GpuFilter) -> Self {
        self.filters.0.push(Box::new(filter));
        self
    }

    /// How many graphs have been captured so far; a number that stops growing after the first ticks.
    #[must_use]
    pub fn captured(&self) -> usize {
        self.state.as_ref().map_or(0, |state| state.captured)
    }
}

impl OnProcessor for GpuChain {}

/// What is found out about pictures of one shape.
#[derive(Debug)]
struct Prepared {
    of: Shape,
    /// What each filter makes.
    shapes: Vec<Shape>,
    between: Option<Scratch>,
    graphs: Vec<(Ends, Graph)>,
    captured: usize,
}

/// The pictures that a graph was captured for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ends {
    from: Placed,
    to: Placed,
}

/// The memory between the filters, which only this stream uses.
#[derive(Debug)]
struct Scratch {
    memory: CardMemory,
    pictures: Vec<Placed>,
    stream: Stream,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Notes that the stream uses it, up to here; no tick has to.
        if let Err(error) = self.memory.fill(&self.stream).map(drop) {
            tracing::error!("the memory between filters: {error}");
        }
    }
}

impl Scratch {
    /// Memory for pictures of these shapes.
    fn new(stream: &Stream, shapes: &[Shape]) -> Result<Self> {
        let pool = CardPool::new(stream.device());
        let mut frames = Vec::new();
        let mut total = 0_usize;
        for shape in shapes {
            let frame = GpuFrame::described(shape.format, shape.width, shape.height)?;
            frames.push((total as u64, Placed::of(&frame, Address(0)), *shape));
            total += frame.size().next_multiple_of(256);
        }
        let memory = pool.take(total)?;
        let start = memory.address();
        let pictures = frames.into_iter().map(|(offset, picture, shape)| Placed {
            address: Address(start.0 + offset),
            shape,
            ..picture
        });
        Ok(Self {
            pictures: pictures.collect(),
            memory,
            stream: stream.clone(),
        })
    }
}

impl Prepared {
    fn new(of: Shape, filters: &Filters) -> Result<Self> {
        let mut shapes = Vec::new();
        for filter in &filters.0 {
            shapes.push(filter.makes(shapes.last().unwrap_or(&of))?);
        }
        Ok(Self {
            of,
            shapes,
            between: None,
            graphs: Vec::new(),
            captured: 0,
        })
    }

    fn last(&self) -> Shape {
        self.shapes.last().copied().unwrap_or(self.of)
    }

    /// Takes the memory between the filters, if that has not been done.
    fn lie_between(&mut self, stream: &Stream) -> Result<()> {
        if self.between.is_none() {
            let shapes = &self.shapes[..self.shapes.len() - 1];
            self.between = Some(Scratch::new(stream, shapes)?);
        }
        Ok(())
    }

    /// What is done between these ends.
    fn graph(&mut self, ends: Ends, filters: &Filters, stream: &Stream) -> Result<&Graph> {
        if let Some(known) = self.graphs.iter().position(|(known, _)| *known == ends) {
            return Ok(&self.graphs[known].1);
        }
        self.lie_between(stream)?;
        let between = self.between.iter().flat_map(|between| &between.pictures);
        let steps: Vec<Placed> = [ends.from]
            .iter()
            .chain(between)
            .chain([&ends.to])
            .copied()
            .collect();
        let graph = stream.device().capture(|stream| {
            let mut pairs = steps.windows(2).zip(&filters.0);
            pairs.try_for_each(|(pair, filter)| {
                // Their memory is held wherever what is captured here is replayed.
                let from = GpuPicture::placed(pair[0], stream);
                let to = GpuTarget::placed(pair[1], stream);
                filter.put(stream, from, to)
            })
        })?;
        if self.graphs.len() >= GRAPHS {
            self.graphs.remove(0);
        }
        self.captured += 1;
        self.graphs.push((ends, graph));
        match self.graphs.last() {
            Some((_, graph)) => Ok(graph),
            None => Err(not_started()),
        }
    }

    fn on_card(
        &mut self,
        frame: &GpuFrame,
        filters: &Filters,
        card: &Card<()>,
    ) -> Result<GpuFrame> {
        let Card { stream, pool, .. } = card;
        let last = self.last();
        let mut out = GpuFrame::from_pool(pool, last.format, last.width, last.height)?;
        out.set_colorimetry(last.colorimetry);
        out.inherit(frame);
        let reading = frame.read(stream)?;
        let filling = out.fill(stream)?;
        let ends = Ends {
            from: reading.picture().placing(),
            to: filling.picture().placing(),
        };
        let graph = self.graph(ends, filters, stream)?;
        // SAFETY: it was captured for these pictures, which are held for the stream, as is what lies between.
        unsafe { stream.replay(graph)? };
        reading.done()?;
        filling.done()
    }

    fn on_processor(
        &self,
        frame: &VideoFrame,
        filters: &mut Filters,
        pool: &Pool,
    ) -> Result<VideoFrame> {
        let mut picture = frame.clone();
        for (shape, filter) in self.shapes.iter().zip(&mut filters.0) {
            let mut made = VideoFrame::from_pool(pool, shape.format, shape.width, shape.height)?;
            made.set_colorimetry(shape.colorimetry);
            filter.on_processor(&picture, &mut made)?;
            picture = made;
        }
        Ok(picture)
    }
}

impl Actor for GpuChain {
    fn check(&self) -> Result<()> {
        if let Some(expected) = self.expected {
            Prepared::new(expected.shape()?, &self.filters)?;
        }
        let filters = self.filters.0.iter();
        if filters
            .map(|filter| filter.source())
            .all(|source| source.is_compiled())
        {
            return Ok(());
        }
        card::check_compiler()
    }

    async fn on_start(&mut self) -> Result<()> {
        let filters = &mut self.filters.0;
        self.site = Site::find(|device| {
            filters
                .iter_mut()
                .try_for_each(|filter| filter.load(&device.load(&filter.source())?))
        })?;
        if let (Site::Card(card), Some(expected)) = (&self.site, self.expected) {
            let mut prepared = Prepared::new(expected.shape()?, &self.filters)?;
            prepared.lie_between(&card.stream)?;
            let made = Expected::from(prepared.last()).bytes()?;
            card.pool.reserve(in_use(self.filtered.readers()), made)?;
            self.state = Some(prepared);
        }
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let Some(frame) = self.video.latest().filter(|frame| !frame.is_empty()) else {
            return Ok(());
        };
        let shape = Shape::of(&frame);
        if self.state.as_ref().is_none_or(|state| state.of != shape) {
            self.state = None;
            self.state = Some(Prepared::new(shape, &self.filters)?);
        }
        let Some(state) = &mut self.state else {
            return Err(Error::graph("it was prepared above"));
        };
        let out = match &self.site {
            Site::Card(card) => state.on_card(&frame, &self.filters, card)?,
            Site::Processor => {
                let picture = frame.needed_on_processor()?;
                let out = state.on_processor(picture, &mut self.filters, &self.pool)?;
                out.into()
            }
            Site::Nowhere => return Err(not_started()),
        };
        self.filtered.send(out, tick);
        Ok(())
    }

    async fn on_stop(&mut self) -> Result<()> {
        self.state = None;
        self.site = Site::Nowhere;
        Ok(())
    }

    fn summary(&self) -> String {
        format!("{} filters, {}", self.filters.0.len(), self.site.told())
    }
}
