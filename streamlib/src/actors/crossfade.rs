//! Shows one of several pictures, and cuts or mixes to another.

use crate::actor::{Actor, Control, Controlled, Inputs, Output};
use crate::actors::compose::{Blend, Common, FULL, Fitter, Mixer, Part, Placed, weight};
use crate::actors::dimensions;
use crate::message::{PixelFormat, VideoFrame};
use crate::time::TimedTick;
use crate::{Result, actor};

/// Shows one of its sources, and cuts to another at the boundary between two ticks, or mixes to it over some
/// ticks.
///
/// ![A checkerboard over colour bars, both half there](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/crossfade.png)
///
/// In a mix each component is `from · (1 − t) + to · t`, exact to one level, where `t` rises by the same step on each
/// tick; transparent pictures are mixed as they look over black. A mix that begins while another is under way
/// begins with what is seen then. Between mixes the source's own pictures are passed on without a copy, unless they
/// have to be scaled or converted: the sources are shown in the compositor's [formats](super::Compositor), as
/// large as the program.
///
/// It begins with source 0; sources are counted in the order in which they are connected. One that has sent nothing yet
/// is black, and one that has ended keeps its last picture.
///
/// # Errors
///
/// A size of 0 or beyond 16384 a side is an error when the graph is built.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::prelude::*;
///
/// let fade = Crossfade::new(1, 1);
/// let control = fade.control();
/// let mut harness = Harness::new(fade)?;
/// for level in [0, 200] {
///     let mut source = harness.feed(|fade| &mut fade.sources);
///     source.send(VideoFrame::from_pixels(PixelFormat::Rgb8, 1, 1, [level; 3])?);
/// }
/// let mut program = harness.probe(|fade| &mut fade.program);
///
/// control.mix(1, 4);
/// let mut levels = Vec::new();
/// for _ in 0..5 {
///     harness.tick()?;
///     levels.push(program.latest().expect("a picture a tick").pixels()[0]);
/// }
/// assert_eq!(levels, [50, 100, 150, 200, 200]);
/// # Ok::<(), streamlib::Error>(())
/// ```
#[actor(new = assemble)]
#[derive(Debug)]
pub struct Crossfade {
    /// What can be shown.
    #[input]
    pub sources: Inputs<VideoFrame>,
    /// What is shown.
    #[output]
    pub program: Output<VideoFrame>,
    width: u32,
    height: u32,
    wanted: Controlled<Wanted>,
    mixing: Mixing,
    inputs: Vec<Source>,
    mixer: Mixer,
}

/// What was asked for last.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Wanted {
    source: usize,
    ticks: u32,
    /// Counts what was asked for, so that the tick knows what is new.
    change: u64,
}

/// How far the program is on its way.
#[derive(Clone, Copy, Debug, Default)]
struct Mixing {
    wanted: Wanted,
    begun: TimedTick,
}

#[derive(Debug, Default)]
struct Source {
    frame: Option<VideoFrame>,
    fitter: Fitter,
    /// Its share of what is seen, from 0 to 1, when the mix began.
    before: f32,
    share: f32,
}

impl Crossfade {
    /// A program of `width` × `height` pixels that shows source 0.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let wanted = Controlled::new(Wanted::default());
        let (mixing, mixer) = (Mixing::default(), Mixer::new(width, height));
        Self::assemble(width, height, wanted, mixing, Vec::new(), mixer)
    }

    /// A hold on it, with which it is cut or mixed to another source while it runs.
    #[must_use]
    pub fn control(&self) -> CrossfadeControl {
        CrossfadeControl(self.wanted.control())
    }

    /// Works out how much of each source is seen on this tick.
    fn share(&mut self, tick: TimedTick) {
        let wanted = *self.wanted.get();
        if self.mixing.wanted.change != wanted.change {
            for source in &mut self.inputs {
                source.before = source.share;
            }
            self.mixing = Mixing {
                wanted,
                begun: tick,
            };
        }
        let begun = self.mixing.begun;
        let passed = tick.frame_number.checked_sub(begun.frame_number);
        let done = match passed {
            Some(passed) if wanted.ticks > 0 && tick.clock_id == begun.clock_id => {
                ((passed + 1) as f64 / f64::from(wanted.ticks)).min(1.0) as f32
            }
            // No time to take, or another clock, whose ticks are counted from elsewhere.
            _ => 1.0,
        };
        for (index, source) in self.inputs.iter_mut().enumerate() {
            let target = if index == wanted.source { 1.0 } else { 0.0 };
            source.share = source.before * (1.0 - done) + target * done;
        }
    }

    fn show(&mut self, tick: TimedTick) -> Result<()> {
        let is_first = self.inputs.is_empty();
        self.inputs.resize_with(self.sources.len(), Source::default);
        if let (true, Some(first)) = (is_first, self.inputs.first_mut()) {
            first.share = 1.0; // also where a mix was asked for before the first tick
        }
        self.share(tick);
        for (source, input) in self.inputs.iter_mut().zip(&mut self.sources) {
            let frame = input.latest().filter(|frame| !frame.is_empty());
            source.frame = frame.map(|frame| frame.clone());
        }
        let pictures = self.inputs.iter();
        let pictures = pictures.filter_map(|source| Some((source.frame.as_ref()?, Blend::Over)));
        let common = Common::of(pictures);
        self.mixer.begin();
        let size = (self.width as usize, self.height as usize);
        let mut seen = 0.0;
        let mut failed = Ok(());
        for source in &mut self.inputs {
            seen += source.share;
            let frame = source.frame.as_ref().filter(|_| source.share > 0.0);
            let Some(frame) = frame else {
                source.fitter.forget();
                continue;
            };
            let (blend, cover, light) = laid(source.share, seen, common.format);
            let opaque = !frame.format().has_alpha();
            match source.fitter.fit(frame, Part::whole(frame), size, common) {
                Ok((frame, from_x, from_y)) => self.mixer.put(Placed {
                    frame,
                    x: 0,
                    y: 0,
                    width: size.0,
                    height: size.1,
                    from_x,
                    from_y,
                    opaque,
                    blend,
                    cover,
                    light,
                }),
                Err(error) => failed = failed.and(Err(error)),
            }
        }
        self.mixer.send(common, &mut self.program, tick)?;
        failed
    }
}

/// How a picture is laid on those before it, so that it has `share` of the whole, of which `seen` is there with it.
fn laid(share: f32, seen: f32, format: PixelFormat) -> (Blend, u16, u16) {
    if share >= 1.0 {
        return (Blend::Over, FULL, FULL);
    }
    if format == PixelFormat::I420 {
        // They are opaque: a part of what there is becomes this one.
        let cover = weight(share / seen);
        return (Blend::Over, cover, cover);
    }
    // Where they are transparent, each is mixed as it looks over black.
    (Blend::Add, FULL, weight(share))
}

impl Actor for Crossfade {
    fn check(&self) -> Result<()> {
        dimensions::check(self.width, self.height)
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let done = self.show(tick);
        for source in &mut self.inputs {
            source.frame = None; // its memory goes back to where it came from
        }
        done
    }

    fn summary(&self) -> String {
        let Self { width, height, .. } = self;
        format!("{} sources at {width}×{height}", self.sources.len())
    }
}

/// A hold on a [`Crossfade`] that may run already. Clones hold the same one.
#[derive(Clone, Debug)]
pub struct CrossfadeControl(Control<Wanted>);

impl CrossfadeControl {
    /// Shows source `source` from the next tick on, counted from 0.
    pub fn cut(&self, source: usize) {
        self.mix(source, 0);
    }

    /// Mixes to source `source`, so that it alone is seen on the tick number `ticks` from now.
    pub fn mix(&self, source: usize, ticks: u32) {
        self.0.change(|wanted| {
            *wanted = Wanted {
                source,
                ticks,
                change: wanted.change + 1,
            };
        });
    }

    /// The source that was asked for last.
    #[must_use]
    pub fn source(&self) -> usize {
        self.0.settings().source
    }
}
