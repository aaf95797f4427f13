//! The actor: takes the newest picture of each layer and publishes what they look like together.

use super::control::Settings;
use super::source::Source;
use super::{CompositorControl, Layer};
use crate::actor::{Actor, Controlled, Inputs, Output};
use crate::actors::compose::{Background, Common, Mixer};
use crate::actors::dimensions;
use crate::message::VideoFrame;
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// Puts layers over each other, in the order in which they were connected: the first is the lowest.
///
/// ![A disc that fades out over colour bars](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/compositor.png)
///
/// A layer covers what is under it by its alpha (straight, not premultiplied) times its opacity: each
/// component is `above · a + below · (1 − a)`, exact to one level, or what another [`Blend`](crate::actors::Blend)
/// says. Under the lowest is the [background](Self::background). Where a layer is, how large and how strong, a
/// [`Layer`] says: before it runs by [`set`](Self::set), and while it runs by what [`control`](Self::control) gives.
///
/// A layer that has sent no picture yet is left out, and so is one whose source has ended or died; one whose
/// source has fallen silent keeps its last picture. Both can be had otherwise: [`Lost`](super::Lost).
///
/// The picture is Rgb8 if all layers are; I420 if all are I420 or NV12 and laid [over](crate::actors::Blend::Over) each
/// other, in the colorimetry of the lowest; else Rgba8 with an alpha of 255. A layer that is invisible or clear, or
/// behind an opaque one that covers all, does not count here. (Opaque is what has no alpha, and a picture in Rgba8 or Bgra8 with
/// an alpha of 255 everywhere. One that covers all is looked through for another alpha once, until the first is found.) Layers of other sizes and formats, and those in limited range that
/// are red, green and blue, are scaled and converted, each picture once. In I420, places and crops begin at even columns and rows.
///
/// It has the [field order](crate::message::FieldOrder) and the [pixel aspect](crate::message::PixelAspect) of the lowest layer that
/// is seen, if that lies on all of it; else it is progressive, with square pixels.
///
/// If it consists of one layer as that came, the picture is that layer's own, passed on without a copy; and if
/// nothing has changed since the last tick, it is the last one again, for free.
///
/// # Errors
///
/// A size of 0 or beyond 16384 a side and a layer that [cannot be](Layer::check) are errors when the graph is
/// built.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::prelude::*;
///
/// let mix = Compositor::new(1, 1).set(1, Layer::new().opacity(0.2));
/// let control = mix.control();
/// let mut harness = Harness::new(mix)?;
/// let mut below = harness.feed(|mix| &mut mix.layers);
/// let mut above = harness.feed(|mix| &mut mix.layers);
/// let mut video = harness.probe(|mix| &mut mix.video);
///
/// below.send(VideoFrame::from_pixels(PixelFormat::Rgb8, 1, 1, [200, 100, 0])?);
/// above.send(VideoFrame::from_pixels(PixelFormat::Rgba8, 1, 1, [0, 0, 255, 255])?);
/// harness.tick()?;
/// assert_eq!(video.latest().expect("a picture a tick").pixels(), [160, 80, 51, 255]);
///
/// control.change(1, |layer| layer.opacity(1.0).blend(Blend::Add))?;
/// harness.tick()?;
/// assert_eq!(video.latest().expect("a picture a tick").pixels(), [200, 100, 255, 255]);
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
    settings: Controlled<Settings>,
    sources: Vec<Source>,
    mixer: Mixer,
}

impl Compositor {
    /// A compositor that makes pictures of `width` × `height` pixels.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let settings = Controlled::new(Settings::default());
        let mixer = Mixer::new(width, height);
        Self::assemble(width, height, settings, Vec::new(), mixer)
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
        let settings = self.settings.control();
        settings.change(|settings| settings.set(index, layer));
        self
    }

    /// A hold on its settings, with which they are changed while it runs.
    #[must_use]
    pub fn control(&self) -> CompositorControl {
        CompositorControl(self.settings.control())
    }

    /// Makes the picture of a tick.
    fn compose(&mut self, tick: TimedTick) -> Result<()> {
        let picture = (self.width, self.height);
        let settings = self.settings.get();
        self.mixer.background = settings.background;
        self.sources.resize_with(self.layers.len(), Source::default);
        for (index, (source, input)) in self.sources.iter_mut().zip(&mut self.layers).enumerate() {
            source.layer = match settings.layers.get(index) {
                Some(wanted) => source.glide.at(wanted, tick, picture),
                None => Layer::new(),
            };
            source.look(input, tick);
        }
        let (common, failed) = self.lay();
        self.mixer.send(common, &mut self.video, tick)?;
        failed
    }

    /// Puts all layers that can be on the stack of the tick: what they were converted to, and why another could not.
    fn lay(&mut self) -> (Common, Result<()>) {
        let mut failed = Ok(());
        loop {
            let common = self.common();
            match self.stack(common) {
                Ok(()) => return (common, failed),
                // The others are shown all the same, and as if it were not there: it neither hides them nor decides the format.
                Err((index, error)) => {
                    self.sources[index].frame = None;
                    failed = failed.and(Err(of_layer(index, error)));
                }
            }
        }
    }

    /// What all layers that count are converted to: those on and above the highest that hides what is under it.
    fn common(&mut self) -> Common {
        let picture = (self.width, self.height);
        let from = |sources: &[Source]| Common::of(sources.iter().filter_map(Source::picture));
        let hiding = (0..self.sources.len()).rev().find_map(|index| {
            // Where it lies depends on the format, and that on itself and those above.
            let common = from(&self.sources[index..]);
            let (beneath, rest) = self.sources.split_at_mut(index);
            let is_seen = |source: &Source| source.picture().is_some();
            // To hide what is under it, or to be passed on as it is.
            let is_worth = beneath.iter().any(is_seen) || !rest[1..].iter().any(is_seen);
            let hides = rest[0].hides(picture, common, is_worth);
            hides.then_some(common)
        });
        hiding.unwrap_or_else(|| from(&self.sources))
    }

    /// Puts the layers on the stack of the tick; else the first from above that cannot be laid, and why.
    fn stack(&mut self, common: Common) -> Result<(), (usize, Error)> {
        let picture = (self.width, self.height);
        self.mixer.begin();
        // From above: what is hidden is not even converted.
        let mut is_hidden = false;
        for (index, source) in self.sources.iter_mut().enumerate().rev() {
            if is_hidden {
                source.hide();
                continue;
            }
            let placed = source.place(picture, common);
            if let Some(placed) = placed.map_err(|error| (index, error))? {
                is_hidden = self.mixer.put_under(placed);
            }
        }
        Ok(())
    }
}

/// An error with the layer that it is of.
pub(in crate::actors) fn of_layer(index: usize, error: Error) -> Error {
    match error {
        Error::Invalid {
            what,
            given,
            expected,
        } => Error::Invalid {
            what: format!("{what} of layer {index} (the lowest is 0)").into(),
            given,
            expected,
        },
        other => other,
    }
}

impl Actor for Compositor {
    fn check(&self) -> Result<()> {
        dimensions::check(self.width, self.height)?;
        self.settings.control().settings().check()
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let done = self.compose(tick);
        for source in &mut self.sources {
            source.frame = None; // its memory goes back to where it came from
        }
        done
    }

    fn summary(&self) -> String {
        format!(
            "{} layers on {}×{}",
            self.layers.len(),
            self.width,
            self.height
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::PixelFormat;

    /// A compositor of 8 × 4 pixels on a tick with these layers.
    fn mix(layers: &[(Layer, &VideoFrame)]) -> Compositor {
        let mut mix = Compositor::new(8, 4);
        mix.sources.resize_with(layers.len(), Source::default);
        for (source, &(layer, frame)) in mix.sources.iter_mut().zip(layers) {
            source.layer = layer;
            source.frame = Some(frame.clone());
        }
        mix
    }

    fn opaque() -> Result<VideoFrame> {
        VideoFrame::from_pixels(PixelFormat::Rgba8, 8, 4, [255; 8 * 4 * 4])
    }

    #[test]
    fn a_picture_is_looked_through_only_where_that_is_of_use() -> Result<()> {
        let (ground, logo) = (opaque()?, VideoFrame::new(PixelFormat::Rgba8, 1, 1)?);
        let small = Layer::new().own_size();
        let is_known = |layers: &[(Layer, &VideoFrame)], index: usize| {
            let mut mix = mix(layers);
            mix.lay().1.expect("they can be laid");
            mix.sources[index].opaque.is_known(&ground)
        };
        let (ground, logo) = ((Layer::new(), &ground), (small, &logo));
        assert!(is_known(&[ground], 0), "it may be passed on");
        assert!(is_known(&[logo, ground, logo], 1), "it may hide another");
        let unseen = (small.visible(false), logo.1);
        assert!(is_known(&[ground, unseen], 0), "it may be passed on");
        // The result is composed in any case, and of the same layers.
        assert!(!is_known(&[ground, logo], 0));
        assert!(!is_known(&[unseen, ground, logo], 1));
        Ok(())
    }

    #[test]
    fn a_hidden_layer_lets_its_picture_go() -> Result<()> {
        let (below, above) = (opaque()?, VideoFrame::new(PixelFormat::Rgb8, 8, 4)?);
        let layers = [
            (Layer::new(), &below),
            (Layer::new().visible(false), &above),
        ];
        let mut mix = mix(&layers);
        mix.lay().1?;
        assert!(mix.sources[0].opaque.is_known(&below));
        mix.sources[1].layer = Layer::new();
        mix.lay().1?;
        assert!(!mix.sources[0].opaque.is_known(&below));
        Ok(())
    }

    #[test]
    fn a_layer_that_cannot_be_laid_neither_hides_another_nor_decides_the_format() -> Result<()> {
        let (below, planar) = (opaque()?, VideoFrame::new(PixelFormat::I420, 8, 4)?);
        let fits = (Layer::new(), &planar);
        let too_large = (Layer::new().size(20_000, 20_000), &planar);
        let mut both = mix(&[(Layer::new(), &below), fits]);
        assert_eq!(both.lay().0.format, PixelFormat::I420);
        let mut one = mix(&[(Layer::new(), &below), too_large]);
        let (common, failed) = one.lay();
        assert_eq!(common.format, PixelFormat::Rgba8);
        let told = failed.expect_err("no picture is so large").to_string();
        assert!(told.starts_with("width of layer 1"), "{told}");
        assert!(one.sources[0].opaque.is_known(&below), "it is laid, alone");
        Ok(())
    }
}
