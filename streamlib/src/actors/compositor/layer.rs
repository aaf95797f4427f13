//! What is set of a layer: where it is, how large, how strong, and what becomes of it when its source falls silent.

use std::time::Duration;

use super::Lost;
use crate::actors::compose::Blend;
use crate::actors::dimensions;
use crate::time::{TimedTick, Timestamp};
use crate::{Error, Result};

/// The farthest that a layer may be from the picture, in pixels.
const FARTHEST: i32 = 1 << 20;

/// What is set of a layer of a [`Compositor`](super::Compositor). A new one fills the picture, is opaque as
/// far as its own alpha lets it, and keeps its last picture while its source is silent.
///
/// ```
/// use std::time::Duration;
/// use streamlib::prelude::*;
///
/// let inset = Layer::new()
///     .at(1240, 60)
///     .size(640, 360)
///     .crop(0, 0, 1440, 1080)
///     .opacity(0.9)
///     .when_silent(Lost::Fade { after: Duration::from_secs(2), over: Duration::from_secs(1) });
/// let lower_third = Layer::new().blend(Blend::Screen).visible(false);
/// # let _ = (inset, lower_third);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Layer {
    /// Where its left edge is, in pixels of the picture from the left edge; it may be outside.
    pub x: i32,
    /// Where its upper edge is, from the upper edge.
    pub y: i32,
    /// How large it is shown.
    pub size: LayerSize,
    /// What part of its source is shown; all of it when `None`.
    pub crop: Option<Crop>,
    /// How strong it is, from 0 (not there) to 1: its own alpha is multiplied by this.
    pub opacity: f32,
    /// How it is laid on what is under it.
    pub blend: Blend,
    /// Whether it is shown.
    pub visible: bool,
    /// What becomes of it when its source sends nothing new, though it has not ended.
    pub silent: Lost,
    /// What becomes of it when its source has ended or died.
    pub ended: Lost,
}

/// How large a layer is shown. Its source is scaled to that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LayerSize {
    /// As large as the compositor's picture.
    #[default]
    Picture,
    /// As large as its source, or as the part of it that is shown: it is not scaled.
    Own,
    /// So many pixels wide and high.
    Pixels(u32, u32),
}

/// A part of a picture, in its own pixels. What of it lies outside of the picture is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Crop {
    /// Columns to the left of the part.
    pub x: u32,
    /// Rows above it.
    pub y: u32,
    /// How wide it is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
}

impl Layer {
    /// A layer that fills the picture.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            x: 0,
            y: 0,
            size: LayerSize::Picture,
            crop: None,
            opacity: 1.0,
            blend: Blend::Over,
            visible: true,
            silent: Lost::Keep,
            ended: Lost::LeaveOut {
                after: Duration::ZERO,
            },
        }
    }

    /// Its left upper corner is `x` pixels to the right of the picture's and `y` below it; less than 0 is
    /// outside.
    #[must_use]
    pub const fn at(mut self, x: i32, y: i32) -> Self {
        (self.x, self.y) = (x, y);
        self
    }

    /// Shown `width` × `height` pixels large, scaled to that.
    #[must_use]
    pub const fn size(mut self, width: u32, height: u32) -> Self {
        self.size = LayerSize::Pixels(width, height);
        self
    }

    /// Shown as large as its source is, or as the part of it that is shown.
    #[must_use]
    pub const fn own_size(mut self) -> Self {
        self.size = LayerSize::Own;
        self
    }

    /// Shown as large as the picture, scaled to that; so it is unless something else is said.
    #[must_use]
    pub const fn fill(mut self) -> Self {
        self.size = LayerSize::Picture;
        self
    }

    /// Only this part of its source is shown: `width` × `height` of its pixels, from column `x` and row `y` on.
    #[must_use]
    pub const fn crop(mut self, x: u32, y: u32, width: u32, height: u32) -> Self {
        self.crop = Some(Crop {
            x,
            y,
            width,
            height,
        });
        self
    }

    /// All of its source is shown.
    #[must_use]
    pub const fn uncropped(mut self) -> Self {
        self.crop = None;
        self
    }

    /// Its own alpha is multiplied by `opacity`, from 0 to 1.
    #[must_use]
    pub const fn opacity(mut self, opacity: f32) -> Self {
        self.opacity = opacity;
        self
    }

    /// How it is laid on what is under it.
    #[must_use]
    pub const fn blend(mut self, blend: Blend) -> Self {
        self.blend = blend;
        self
    }

    /// Whether it is shown.
    #[must_use]
    pub const fn visible(mut self, visible: bool) -> Self {
        self.visible = visible;
        self
    }

    /// What becomes of it when its source sends nothing new. A picture that is sent again is new.
    #[must_use]
    pub const fn when_silent(mut self, silent: Lost) -> Self {
        self.silent = silent;
        self
    }

    /// What becomes of it when its source has ended or died; it is left out unless something else is said. Its last picture
    /// is shown on the tick on which it comes.
    #[must_use]
    pub const fn when_ended(mut self, ended: Lost) -> Self {
        self.ended = ended;
        self
    }

    /// How much of its light is left on the tick `now`; `None` when it is left out. `seen` is the tick of its last picture and
    /// when that came.
    ///
    /// A picture is shown on the tick on which it comes, also when it was its source's last.
    pub(in crate::actors) fn light(
        &self,
        seen: &mut Option<(TimedTick, Timestamp)>,
        picture: TimedTick,
        has_ended: bool,
        now: TimedTick,
    ) -> Option<f32> {
        match *seen {
            Some((last, since)) if last == picture => {
                let age = now.timestamp - since;
                let silent = self.silent.light(age)?;
                let ended = if has_ended {
                    self.ended.light(age)?
                } else {
                    1.0
                };
                Some(silent.min(ended))
            }
            _ => {
                *seen = Some((picture, now.timestamp));
                Some(1.0)
            }
        }
    }

    /// Whether a layer can be so.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for an opacity that is not from 0 to 1, a size or a crop of nothing or of more than
    /// 16384 pixels a side, or a place more than 1048576 pixels away.
    pub fn check(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.opacity) {
            return Err(Error::invalid("opacity", self.opacity, "0 to 1"));
        }
        if let LayerSize::Pixels(width, height) = self.size {
            dimensions::check(width, height)?;
        }
        if let Some(crop) = self.crop
            && (crop.width == 0 || crop.height == 0)
        {
            return Err(Error::invalid(
                "crop",
                format_args!("{} × {} pixels", crop.width, crop.height),
                "at least 1 pixel a side; for no layer, make it invisible",
            ));
        }
        let far = -FARTHEST..=FARTHEST;
        if !far.contains(&self.x) || !far.contains(&self.y) {
            return Err(Error::invalid(
                "place of a layer",
                format_args!("{}, {}", self.x, self.y),
                format!("at most {FARTHEST} pixels away from the picture's corner"),
            ));
        }
        Ok(())
    }

    /// On the way to `self` from `from`, of which `share` (0 to 1) is behind it, in a picture of this size.
    pub(super) fn between(self, from: Self, share: f32, picture: (u32, u32)) -> Self {
        if share >= 1.0 {
            return self;
        }
        let number = |from: f64, to: f64| (from + (to - from) * f64::from(share)).round();
        let pixels = |from: u32, to: u32| number(from.into(), to.into()) as u32;
        let place = |from: i32, to: i32| number(from.into(), to.into()) as i32;
        let measured = |size| match size {
            LayerSize::Picture => Some(picture),
            LayerSize::Pixels(width, height) => Some((width, height)),
            LayerSize::Own => None,
        };
        let size = match (measured(from.size), measured(self.size)) {
            (Some(from), Some(to)) if from != to => {
                let [width, height] = [pixels(from.0, to.0), pixels(from.1, to.1)];
                LayerSize::Pixels(width.max(1), height.max(1))
            }
            _ => self.size,
        };
        let crop = match (from.crop, self.crop) {
            (Some(from), Some(to)) => Some(Crop {
                x: pixels(from.x, to.x),
                y: pixels(from.y, to.y),
                width: pixels(from.width, to.width),
                height: pixels(from.height, to.height),
            }),
            _ => self.crop,
        };
        Self {
            x: place(from.x, self.x),
            y: place(from.y, self.y),
            size,
            crop,
            opacity: from.opacity + (self.opacity - from.opacity) * share,
            visible: self.visible || from.visible,
            ..self
        }
    }
}

/// [`new`](Layer::new).
impl Default for Layer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_told() {
        let told = |layer: Layer| layer.check().expect_err("it cannot be").to_string();
        assert_eq!(
            told(Layer::new().opacity(1.5)),
            "opacity is 1.5; expected 0 to 1"
        );
        assert_eq!(
            told(Layer::new().opacity(f32::NAN)),
            "opacity is NaN; expected 0 to 1"
        );
        assert!(
            told(Layer::new().size(0, 10))
                .starts_with("size is 0 × 10 pixels; expected 1 to 16384")
        );
        assert!(told(Layer::new().crop(0, 0, 0, 1)).starts_with("crop is 0 × 1 pixels; expected"));
        assert!(
            told(Layer::new().at(i32::MIN, 0)).starts_with("place of a layer is -2147483648, 0")
        );
        Layer::new()
            .at(-500, 20)
            .size(16_384, 1)
            .check()
            .expect("it can be");
    }

    #[test]
    fn halfway_is_in_the_middle() {
        let from = Layer::new().opacity(0.0).visible(false);
        let to = Layer::new().at(100, -50).size(960, 540).opacity(1.0);
        let half = to.between(from, 0.5, (1920, 1080));
        assert_eq!(
            (half.x, half.y, half.opacity, half.visible),
            (50, -25, 0.5, true)
        );
        assert_eq!(half.size, LayerSize::Pixels(1440, 810));
        assert_eq!(to.between(from, 1.0, (1920, 1080)), to);
    }
}
