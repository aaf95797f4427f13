//! One layer on one tick: its newest picture, how old that is, and where it comes to lie.

use super::glide::Glide;
use super::{Crop, Layer, LayerSize};
use crate::Result;
use crate::actor::Input;
use crate::actors::compose::{Blend, Common, FULL, Fitter, Part, Placed, weight};
use crate::actors::opaque::Opaque;
use crate::message::{PixelFormat, VideoFrame};
use crate::time::{TimedTick, Timestamp};

/// What is known of one layer from tick to tick.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub glide: Glide,
    /// What it is on this tick.
    pub layer: Layer,
    /// Its picture on this tick.
    pub frame: Option<VideoFrame>,
    /// How much of its light is left.
    light: f32,
    /// The tick of its last picture, and when that was first seen.
    seen: Option<(TimedTick, Timestamp)>,
    fitter: Fitter,
    pub opaque: Opaque,
}

impl Source {
    /// Takes its newest picture, unless there is none to be shown.
    pub fn look(&mut self, input: &mut Input<VideoFrame>, tick: TimedTick) {
        self.frame = None;
        let has_ended = input.has_ended();
        let Some(frame) = input.latest() else { return };
        let light = (self.layer).light(&mut self.seen, frame.tick(), has_ended, tick);
        if let (Some(light), false) = (light, frame.is_empty()) {
            self.light = light;
            self.frame = Some(frame.clone());
        }
    }

    /// Its picture and how that is laid; `None` if it is switched off or clear.
    pub fn picture(&self) -> Option<(&VideoFrame, Blend)> {
        let is_clear = !self.layer.visible || weight(self.layer.opacity) == 0;
        let frame = self.frame.as_ref().filter(|_| !is_clear)?;
        Some((frame, self.layer.blend))
    }

    /// Whether it hides all that is under it on a picture of this size, of which it would be the lowest layer. Pixels that could be
    /// clear are looked through only if `is_worth` the time.
    pub fn hides(&mut self, picture: (u32, u32), common: Common, is_worth: bool) -> bool {
        let place = self.place_on(picture, common);
        let may_hide = place.is_some_and(|place| place.may_hide(picture));
        let is_looked_at =
            |frame: &&VideoFrame| may_hide && (is_worth || !frame.format().has_alpha());
        match self.frame.as_ref().filter(is_looked_at) {
            Some(frame) => self.opaque.is(frame),
            None => {
                self.opaque.forget();
                false
            }
        }
    }

    /// Its picture, where it lies on a picture of this size; `None` if it is not to be seen.
    pub fn place(&mut self, picture: (u32, u32), common: Common) -> Result<Option<Placed>> {
        let placed = self.seen_at(picture, common);
        if !matches!(placed, Ok(Some(_))) {
            self.hide();
        }
        placed
    }

    /// It is not to be seen on this tick.
    pub fn hide(&mut self) {
        self.fitter.forget();
        self.opaque.forget();
    }

    fn seen_at(&mut self, picture: (u32, u32), common: Common) -> Result<Option<Placed>> {
        let place = self.place_on(picture, common);
        let (Some(frame), Some(place)) = (&self.frame, place) else {
            return Ok(None);
        };
        self.fitter.largest = picture;
        let placed = self.fitter.fit(frame, place.part, place.size, common)?;
        let placed = place.of_picture(placed);
        Ok(Some(Placed {
            opaque: placed.opaque || self.opaque.is_known(frame),
            ..placed
        }))
    }

    /// Where it lies on a picture of this size, made of what all is converted to.
    fn place_on(&self, picture: (u32, u32), common: Common) -> Option<Place> {
        let layer = if common.format == PixelFormat::I420 {
            evened(self.layer)
        } else {
            self.layer
        };
        let whole = Part::whole(self.frame.as_ref()?);
        Place::of(&layer, self.light, whole, picture)
    }
}

/// A layer that lies where its chroma samples begin.
fn evened(layer: Layer) -> Layer {
    Layer {
        x: layer.x & !1,
        y: layer.y & !1,
        crop: layer.crop.map(|crop| Crop {
            x: crop.x & !1,
            y: crop.y & !1,
            ..crop
        }),
        ..layer
    }
}

/// Where a layer comes to lie, and how strongly.
#[derive(Clone, Copy, Debug)]
pub(in crate::actors) struct Place {
    /// What of its picture is shown.
    pub part: Part,
    /// How large.
    pub size: (usize, usize),
    /// Where the seen part of that lies: left and upper edge, width and height.
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
    /// What is cut off before it.
    pub left: usize,
    pub top: usize,
    pub blend: Blend,
    pub cover: u16,
    pub light: u16,
}

impl Place {
    /// Where `layer`, of which so much light is left, lies on a picture of this size; `None` if it is not to be seen.
    pub fn of(
        layer: &Layer,
        left_light: f32,
        whole: Part,
        (width, height): (u32, u32),
    ) -> Option<Self> {
        let (cover, light) = (weight(layer.opacity), weight(layer.opacity * left_light));
        if !layer.visible || cover == 0 {
            return None;
        }
        let part = part(whole, layer)?;
        let size = match layer.size {
            LayerSize::Picture => (width as usize, height as usize),
            LayerSize::Own => (part.width, part.height),
            LayerSize::Pixels(width, height) => (width as usize, height as usize),
        };
        let (x, left, width) = seen(layer.x, size.0, width as usize)?;
        let (y, top, height) = seen(layer.y, size.1, height as usize)?;
        Some(Self {
            part,
            size,
            x,
            y,
            width,
            height,
            left,
            top,
            blend: layer.blend,
            cover,
            light,
        })
    }

    /// Whether a picture none of whose pixels is clear hides here all that is under it.
    fn may_hide(&self, (width, height): (u32, u32)) -> bool {
        let is_solid = self.blend == Blend::Over && self.cover == FULL;
        is_solid && (self.width, self.height) == (width as usize, height as usize)
    }

    /// A picture that was made for this place, and where in it the part begins.
    pub fn of_picture(self, (frame, from_x, from_y): (VideoFrame, usize, usize)) -> Placed {
        Placed {
            opaque: !frame.format().has_alpha(),
            frame,
            x: self.x,
            y: self.y,
            width: self.width,
            height: self.height,
            from_x: from_x + self.left,
            from_y: from_y + self.top,
            blend: self.blend,
            cover: self.cover,
            light: self.light,
        }
    }
}

/// The part of a picture that is shown; `None` if the crop lies outside of it.
fn part(whole: Part, layer: &Layer) -> Option<Part> {
    let Some(crop) = layer.crop else {
        return Some(whole);
    };
    let [x, y] = [crop.x as usize, crop.y as usize];
    let width = whole.width.checked_sub(x)?.min(crop.width as usize);
    let height = whole.height.checked_sub(y)?.min(crop.height as usize);
    (width > 0 && height > 0).then_some(Part {
        x,
        y,
        width,
        height,
    })
}

/// Of `length` pixels from `start` on, those within `0..limit`: where they start, how many are cut off before
/// them, and how many they are.
fn seen(start: i32, length: usize, limit: usize) -> Option<(usize, usize, usize)> {
    let start = i64::from(start);
    let end = (start + length as i64).min(limit as i64);
    let first = start.max(0);
    (first < end).then(|| {
        (
            first as usize,
            (first - start) as usize,
            (end - first) as usize,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_is_cut_off() {
        assert_eq!(seen(0, 10, 10), Some((0, 0, 10)));
        assert_eq!(seen(-3, 10, 10), Some((0, 3, 7)));
        assert_eq!(seen(8, 10, 10), Some((8, 0, 2)));
        assert_eq!(seen(-5, 30, 10), Some((0, 5, 10)));
        assert_eq!(seen(-10, 10, 10), None);
        assert_eq!(seen(10, 1, 10), None);
        assert_eq!(seen(i32::MIN, 16_384, 10), None);
        assert_eq!(seen(i32::MAX, 16_384, 10), None);
    }

    #[test]
    fn a_crop_is_cut_to_the_picture() -> Result<()> {
        let frame = VideoFrame::new(PixelFormat::Rgb8, 100, 50)?;
        let of = |layer: Layer| {
            part(Part::whole(&frame), &layer).map(|part| (part.x, part.y, part.width, part.height))
        };
        assert_eq!(of(Layer::new()), Some((0, 0, 100, 50)));
        assert_eq!(
            of(Layer::new().crop(10, 20, 30, 40)),
            Some((10, 20, 30, 30))
        );
        assert_eq!(of(Layer::new().crop(100, 0, 1, 1)), None);
        assert_eq!(of(Layer::new().crop(u32::MAX, 0, u32::MAX, u32::MAX)), None);
        Ok(())
    }
}
