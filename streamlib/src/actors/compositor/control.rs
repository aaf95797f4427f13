//! The compositor's settings, and the hold on them for whoever changes them while it runs.

use std::fmt;
use std::sync::Arc;

use super::Layer;
use super::actor::of_layer;
use crate::actor::Control;
use crate::actors::compose::Background;
use crate::time::TimedTick;
use crate::{Error, Result};

/// As many layers as can be set.
const MOST: usize = 1024;

/// What a layer becomes on a tick.
type Animation = Arc<dyn Fn(Layer, TimedTick) -> Layer + Send + Sync>;

/// All that can be set while it runs.
#[derive(Clone, Debug, Default)]
pub(in crate::actors) struct Settings {
    pub background: Background,
    pub layers: Vec<Wanted>,
    /// A layer that was set before the graph was built and cannot be.
    pub refused: Option<usize>,
}

/// What is wanted of a layer.
#[derive(Clone, Default)]
pub(in crate::actors) struct Wanted {
    pub layer: Layer,
    /// Over how many ticks it becomes so.
    pub ticks: u32,
    /// Counts how often it was set, so that the tick knows what is new.
    pub change: u64,
    pub animation: Option<Animation>,
}

impl Wanted {
    pub fn set(&mut self, layer: Layer, ticks: u32) {
        (self.layer, self.ticks) = (layer, ticks);
        self.change += 1;
    }
}

impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wanted")
            .field("layer", &self.layer)
            .field("ticks", &self.ticks)
            .field("is_animated", &self.animation.is_some())
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Sets a layer before it runs; one that cannot be is told by [`check`](Self::check).
    pub fn set(&mut self, index: usize, layer: Layer) {
        match self.layer(index) {
            Ok(wanted) => wanted.set(layer, 0),
            Err(_) => self.refused = Some(index),
        }
    }

    /// Whether all of it can be.
    pub fn check(mut self) -> Result<()> {
        if let Some(index) = self.refused {
            self.layer(index)?;
        }
        let mut layers = self.layers.iter().enumerate();
        layers.try_for_each(|(index, wanted)| {
            let checked = wanted.layer.check();
            checked.map_err(|error| of_layer(index, error))
        })
    }

    /// What is set of layer `index`.
    pub fn layer(&mut self, index: usize) -> Result<&mut Wanted> {
        if index >= MOST {
            let expected = format!("0 for the lowest, at most {}", MOST - 1);
            return Err(Error::invalid("number of a layer", index, expected));
        }
        if self.layers.len() <= index {
            self.layers.resize_with(index + 1, Wanted::default);
        }
        Ok(&mut self.layers[index])
    }
}

/// A hold on the settings of a [`Compositor`](super::Compositor) that may run already. Clones hold the same
/// ones.
///
/// Layers are counted from 0, the lowest, in the order in which they are connected. What is set is taken over
/// on the compositor's next tick; what is set together is taken over together.
///
/// ```
/// use streamlib::prelude::*;
///
/// # #[streamlib::main]
/// # async fn main() -> Result<()> {
/// let mix = Compositor::new(640, 360);
/// let control = mix.control();
/// let clock = VirtualClock::fps(50);
/// let show = pipeline! {
///     clock house = clock.clone();
///     bars  = TestPattern::new(Pattern::SmpteBars).size(640, 360) @ house;
///     inset = TestPattern::new(Pattern::MovingBox).size(320, 180) @ house;
///     bars  >> mix.layers;
///     inset >> mix.layers;
///     mix   >> Null::new();
/// }?;
///
/// control.set(1, Layer::new().at(300, 20).own_size())?;
/// control.glide(1, 25, |layer| layer.at(20, 20).opacity(0.5))?; // half a second
/// clock.advance(25).await?;
///
/// control.animate(1, |layer, tick| layer.at(tick.frame_number as i32 % 320, 20))?;
/// clock.advance(100).await?;
/// # show.stop().await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CompositorControl(pub(super) Control<Settings>);

impl CompositorControl {
    /// A hold on these settings.
    #[cfg(feature = "gpu")]
    pub(in crate::actors) fn of(settings: Control<Settings>) -> Self {
        Self(settings)
    }

    /// Layer `index` as it was set last. An animation does not show here.
    #[must_use]
    pub fn layer(&self, index: usize) -> Layer {
        let layers = self.0.settings().layers;
        layers
            .get(index)
            .map_or_else(Layer::new, |wanted| wanted.layer)
    }

    /// Sets all of layer `index`, from the next tick on.
    ///
    /// # Errors
    ///
    /// What [`Layer::check`] finds, and an index above 1023; nothing is changed then.
    pub fn set(&self, index: usize, layer: Layer) -> Result<()> {
        self.glide(index, 0, |_| layer)
    }

    /// Changes some of layer `index`, from the next tick on.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set).
    pub fn change(&self, index: usize, change: impl FnOnce(Layer) -> Layer) -> Result<()> {
        self.glide(index, 0, change)
    }

    /// Changes some of layer `index` little by little, so that it is as wanted on the tick number `ticks` from
    /// now. It starts from where it is then, also when it is gliding already. Place, size, crop and opacity
    /// glide, places and sizes in whole pixels; what cannot glide is changed at the beginning, but a layer that
    /// becomes invisible does so at the end. While a size glides, its scaler is laid out anew on every tick.
    ///
    /// `change` must not use this control itself: others who change layers wait until it is done.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set).
    pub fn glide(
        &self,
        index: usize,
        ticks: u32,
        change: impl FnOnce(Layer) -> Layer,
    ) -> Result<()> {
        self.0.try_change(|settings| {
            let wanted = settings.layer(index)?;
            let layer = change(wanted.layer);
            layer.check()?;
            wanted.set(layer, ticks);
            Ok(())
        })
    }

    /// From the next tick on, `animation` says on each tick what layer `index` is: it gets the layer as it is
    /// set, or as far as it has glided. It runs on the tick, and so must not take long or wait. What it makes
    /// of the layer that cannot be is brought to what can.
    ///
    /// # Errors
    ///
    /// An index above 1023.
    pub fn animate(
        &self,
        index: usize,
        animation: impl Fn(Layer, TimedTick) -> Layer + Send + Sync + 'static,
    ) -> Result<()> {
        self.0.try_change(|settings| {
            settings.layer(index)?.animation = Some(Arc::new(animation));
            Ok(())
        })
    }

    /// Layer `index` is no longer animated, and is as it was set.
    pub fn rest(&self, index: usize) {
        self.0.change(|settings| {
            if let Some(wanted) = settings.layers.get_mut(index) {
                wanted.animation = None;
            }
        });
    }

    /// What is under the lowest layer, from the next tick on.
    pub fn background(&self, background: Background) {
        self.0.change(|settings| settings.background = background);
    }

    /// Sets several layers at once, so that no tick sees one without the others.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set); then none is changed.
    ///
    /// ```
    /// # use streamlib::prelude::*;
    /// # let control = Compositor::new(1920, 1080).control();
    /// // Side by side.
    /// control.set_all([
    ///     (0, Layer::new().size(960, 540).at(0, 270)),
    ///     (1, Layer::new().size(960, 540).at(960, 270)),
    /// ])?;
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    pub fn set_all(&self, layers: impl IntoIterator<Item = (usize, Layer)>) -> Result<()> {
        self.0.try_change(|settings| {
            for (index, layer) in layers {
                layer.check()?;
                settings.layer(index)?.set(layer, 0);
            }
            Ok(())
        })
    }
}
