//! Layers over each other, on a card.

use super::site::{Card, Site, blocks, not_started};
use crate::actor::{Actor, Control, Controlled, Input, Inputs, Output};
use crate::actors::compose::{Common, FULL, Fitter, Part, Placed, Room, compose};
use crate::actors::compositor::{CompositorControl, Glide, Layer, Place, Settings, of_layer};
use crate::actors::{Background, Blend, dimensions};
use crate::gpu::{Argument, Kernel, OnProcessor, Source, Stream, card};
use crate::memory::Pool;
use crate::message::{ColorRange, Colorimetry, GpuFrame, GpuReading, PixelFormat, VideoFrame};
use crate::time::{TimedTick, Timestamp};
use crate::{Error, Result, actor};

/// The kernel.
const KERNEL: &str = include_str!("kernels/compose.cu");

/// As many layers as the kernel lays at a time. With more there is one pass for so many.
const MOST: usize = 16;

/// What all layers are laid in.
const COMMON: Common = Common {
    format: PixelFormat::Rgba8,
    colorimetry: Colorimetry::SRGB,
};

/// Puts layers over each other on the card: as [`Compositor`](crate::actors::Compositor), with the same settings, from pictures in
/// Rgb8, Rgba8 or Bgra8 to one in Rgba8 whose alpha is 255.
///
/// Each layer is read once and the result is written once, whatever their number (up to 16). Levels differ from those of the
/// compositor by one at most where a layer is as large as its source; scaling is bilinear, as it is there.
///
/// # Errors
///
/// As for the compositor; a layer in another format ([`GpuConvert`](super::GpuConvert) changes it), and one in limited range.
#[actor(dispatcher = gpu, new = assemble)]
#[derive(Debug)]
pub struct GpuCompositor {
    /// The layers, the lowest first.
    #[input]
    pub layers: Inputs<GpuFrame>,
    /// What they look like together.
    #[output]
    pub video: Output<GpuFrame>,
    width: u32,
    height: u32,
    settings: Controlled<Settings>,
    sources: Vec<Seen>,
    pool: Pool,
    room: Room,
    site: Site<Kernel>,
}

/// What is known of one layer from tick to tick.
#[derive(Debug, Default)]
struct Seen {
    glide: Glide,
    layer: Layer,
    frame: Option<GpuFrame>,
    /// How much of its light is left.
    light: f32,
    seen: Option<(TimedTick, Timestamp)>,
    fitter: Fitter,
}

impl Seen {
    /// Takes its newest picture, unless there is none to be shown.
    fn look(&mut self, input: &mut Input<GpuFrame>, tick: TimedTick) {
        self.frame = None;
        let has_ended = input.has_ended();
        let Some(frame) = input.latest() else { return };
        let light = (self.layer).light(&mut self.seen, frame.tick(), has_ended, tick);
        if let (Some(light), false) = (light, frame.is_empty()) {
            self.light = light;
            self.frame = Some(frame.clone());
        }
    }

    /// Its picture, and where it lies on a picture of this size; `None` if it is not to be seen.
    fn placed(&self, picture: (u32, u32)) -> Result<Option<(&GpuFrame, Place)>> {
        let Some(frame) = &self.frame else {
            return Ok(None);
        };
        order(frame.format())?;
        if frame.colorimetry().range != ColorRange::Full {
            return Err(Error::invalid(
                "range of red, green and blue",
                "limited",
                "full: the kernel takes levels as they are",
            ));
        }
        let whole = Part {
            x: 0,
            y: 0,
            width: frame.width() as usize,
            height: frame.height() as usize,
        };
        let place = Place::of(&self.layer, self.light, whole, picture);
        Ok(place.map(|place| (frame, place)))
    }
}

/// The kernel's number of a format.
fn order(format: PixelFormat) -> Result<i32> {
    match format {
        PixelFormat::Rgb8 => Ok(0),
        PixelFormat::Rgba8 => Ok(1),
        PixelFormat::Bgra8 => Ok(2),
        other => Err(Error::invalid(
            "format",
            other,
            "Rgb8, Rgba8 or Bgra8: put `GpuConvert::to(PixelFormat::Rgba8)` before it",
        )),
    }
}

/// A layer as the kernel takes it.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
struct Laid {
    pixels: u64,
    stride: i32,
    order: i32,
    place: [i32; 4],
    cut: [i32; 2],
    part: [i32; 4],
    size: [i32; 2],
    blend: i32,
    cover: f32,
    light: f32,
    /// C++ has a gap here.
    _gap: i32,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Stack {
    layers: [Laid; MOST],
    count: i32,
    onto: i32,
    background: [[i32; 3]; 2],
}

impl Laid {
    fn of(reading: &GpuReading<'_>, frame: &GpuFrame, place: &Place) -> Result<Self> {
        let stride = frame.planes().next().map_or(0, |plane| plane.stride) as i32;
        let order = order(frame.format())?;
        if order != 0 && stride % 4 != 0 {
            return Err(Error::invalid(
                "stride of a picture on a card",
                stride,
                "a multiple of 4, as its pixels are 4 bytes long",
            ));
        }
        let pixels = |lengths: [usize; 4]| lengths.map(|length| length as i32);
        Ok(Self {
            pixels: reading.address().0,
            stride,
            order,
            place: pixels([place.x, place.y, place.width, place.height]),
            cut: [place.left as i32, place.top as i32],
            part: pixels([
                place.part.x,
                place.part.y,
                place.part.width,
                place.part.height,
            ]),
            size: [place.size.0 as i32, place.size.1 as i32],
            blend: match place.blend {
                Blend::Over => 0,
                Blend::Add => 1,
                Blend::Multiply => 2,
                Blend::Screen => 3,
            },
            cover: f32::from(place.cover) / f32::from(FULL),
            light: f32::from(place.light) / f32::from(FULL),
            _gap: 0,
        })
    }
}

impl GpuCompositor {
    /// A compositor that makes pictures of `width` × `height` pixels.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let settings = Controlled::new(Settings::default());
        let site = Site::default();
        let room = Room::default();
        Self::assemble(width, height, settings, Vec::new(), Pool::new(), room, site)
    }

    /// What is under the lowest layer; black unless something else is said.
    #[must_use]
    pub fn background(self, background: Background) -> Self {
        self.control().background(background);
        self
    }

    /// Sets layer `index`, counted from 0, the lowest.
    ///
    /// One that cannot be is an error when the graph is built.
    #[must_use]
    pub fn set(self, index: usize, layer: Layer) -> Self {
        self.asked().change(|settings| settings.set(index, layer));
        self
    }

    fn asked(&self) -> Control<Settings> {
        self.settings.control()
    }

    /// A hold on its settings, with which they are changed while it runs.
    #[must_use]
    pub fn control(&self) -> CompositorControl {
        CompositorControl::of(self.asked())
    }

    /// Takes the newest picture of every layer.
    fn look(&mut self, tick: TimedTick) -> Background {
        let picture = (self.width, self.height);
        let settings = self.settings.get();
        self.sources.resize_with(self.layers.len(), Seen::default);
        for (index, (source, input)) in self.sources.iter_mut().zip(&mut self.layers).enumerate() {
            source.layer = match settings.layers.get(index) {
                Some(wanted) => source.glide.at(wanted, tick, picture),
                None => Layer::new(),
            };
            source.look(input, tick);
        }
        settings.background
    }

    fn compose(&mut self, tick: TimedTick) -> Result<()> {
        let background = self.look(tick);
        let picture = (self.width, self.height);
        let mut failed = Ok(());
        let out = match &self.site {
            Site::Card(card) => {
                let sources = self.sources.iter().enumerate();
                let placed = sources.filter_map(|(index, source)| {
                    let placed = source.placed(picture);
                    told(placed, index, &mut failed)
                });
                on_card(card, picture, background, placed)?
            }
            Site::Processor => {
                let mut stack = Vec::new();
                for (index, source) in self.sources.iter_mut().enumerate() {
                    let placed = source.placed(picture);
                    let placed = placed.and_then(|placed| match placed {
                        Some((frame, place)) => {
                            let picture = frame.needed_on_processor()?.clone();
                            Ok(Some((picture, place)))
                        }
                        None => Ok(None),
                    });
                    let Some((frame, place)) = told(placed, index, &mut failed) else {
                        continue;
                    };
                    source.fitter.largest = picture;
                    let fitted = source.fitter.fit(&frame, place.part, place.size, COMMON);
                    let fitted = fitted.map(|fitted| Some(place.of_picture(fitted)));
                    stack.extend(told(fitted, index, &mut failed));
                }
                on_processor(&self.pool, &mut self.room, picture, background, &stack)?
            }
            Site::Nowhere => return Err(not_started()),
        };
        self.video.send(out, tick);
        failed
    }
}

impl OnProcessor for GpuCompositor {}

/// What is there of a layer; an error is kept, and the others are shown all the same.
fn told<T>(found: Result<Option<T>>, index: usize, failed: &mut Result<()>) -> Option<T> {
    match found {
        Ok(found) => found,
        Err(error) => {
            if failed.is_ok() {
                *failed = Err(of_layer(index, error));
            }
            None
        }
    }
}

fn on_processor(
    pool: &Pool,
    room: &mut Room,
    (width, height): (u32, u32),
    background: Background,
    stack: &[Placed],
) -> Result<GpuFrame> {
    let mut out = VideoFrame::from_pool(pool, COMMON.format, width, height)?;
    compose(&mut out, background, stack, room);
    Ok(out.into())
}

fn on_card<'a>(
    card: &'a Card<Kernel>,
    (width, height): (u32, u32),
    background: Background,
    mut placed: impl Iterator<Item = (&'a GpuFrame, Place)>,
) -> Result<GpuFrame> {
    let Card {
        stream,
        pool,
        kernels: kernel,
    } = card;
    let out = GpuFrame::from_pool(pool, COMMON.format, width, height)?;
    let mut stack = Stack {
        layers: [Laid::default(); MOST],
        count: 0,
        onto: 0,
        background: background.ends().map(|color| color.map(i32::from)),
    };
    let filling = out.fill(stream)?;
    loop {
        // Held until the kernel that reads them has been put into the stream.
        let mut held: [Option<GpuReading<'_>>; MOST] = [const { None }; MOST];
        stack.count = 0;
        for (place, laid) in held.iter_mut().zip(&mut stack.layers) {
            let Some((frame, at)) = placed.next() else {
                break;
            };
            let reading = frame.read(stream)?;
            *laid = Laid::of(&reading, frame, &at)?;
            *place = Some(reading);
            stack.count += 1;
        }
        if stack.count == 0 && stack.onto == 1 {
            break;
        }
        let (address, wide, high) = (filling.address(), width as i32, height as i32);
        let arguments = [
            Argument::of(&address),
            Argument::of(&wide),
            Argument::of(&high),
            Argument::of(&stack),
        ];
        put(kernel, stream, (width, height), &arguments)?;
        held.into_iter().flatten().try_for_each(GpuReading::done)?;
        if (stack.count as usize) < MOST {
            break;
        }
        stack.onto = 1;
    }
    filling.done()
}

fn put(
    kernel: &Kernel,
    stream: &Stream,
    (width, height): (u32, u32),
    arguments: &[Argument<'_>],
) -> Result<()> {
    let grid = (blocks(width, 32 * 4), blocks(height, 8), 1);
    // SAFETY: the parameters of `compose`; the layers lie within their pictures, all of which are held for the stream.
    unsafe { stream.launch(kernel, grid, (32, 8, 1), arguments) }
}

impl Actor for GpuCompositor {
    fn check(&self) -> Result<()> {
        dimensions::check(self.width, self.height)?;
        self.asked().settings().check()?;
        card::check_compiler()
    }

    async fn on_start(&mut self) -> Result<()> {
        self.site = Site::find(|device| {
            device
                .load(&Source::cuda("compose.cu", KERNEL))?
                .kernel("compose")
        })?;
        if let Site::Card(card) = &self.site {
            let bytes = self.width as usize * self.height as usize * 4;
            card.pool.reserve(self.video.readers() + 3, bytes)?;
        }
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let done = self.compose(tick);
        for source in &mut self.sources {
            source.frame = None; // its memory goes back to where it came from
        }
        done
    }

    async fn on_stop(&mut self) -> Result<()> {
        self.site = Site::Nowhere;
        Ok(())
    }

    fn summary(&self) -> String {
        let Self { width, height, .. } = self;
        let layers = self.layers.len();
        format!("{layers} layers on {width}×{height}, {}", self.site.told())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_as_long_as_the_kernel_takes_it() {
        // 8 + 15 × 4 + the gap that the pointer's alignment makes; 16 of them, and eight numbers.
        assert_eq!(std::mem::size_of::<Laid>(), 80);
        assert_eq!(std::mem::size_of::<Stack>(), 16 * 80 + 8 * 4);
    }
}
