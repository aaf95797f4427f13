//! The actor: sends what it is fed, cropped, flipped and turned.

use std::fmt;

use super::bytes;
use super::mapping::{Mapping, Part};
use super::samples::Samples;
use super::{Transformation, Turn};
use crate::actor::{Actor, Control, Controlled, Input, Output};
use crate::actors::Crop;
use crate::actors::convert::rows::{Field, Source, Target};
use crate::message::{FieldOrder, PixelAspect, PixelFormat, VideoFrame};
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// Sends every picture cropped, then flipped, then turned; while nothing is to be done, the picture itself without a copy.
///
/// ![Colour bars from right to left](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/transform.png)
///
/// The format stays, and no sample is changed, except where pixels that share a colour (4:2:2, 4:2:0) do so no more, as
/// when a 4:2:2 picture is turned: the colour of those that now share one is their mean. What of the crop lies outside of a
/// picture is left out. A quarter turn makes a picture progressive, since its fields would be columns.
///
/// # Errors
/// A crop without width or height is an error when the graph is built; one that lies wholly outside of a picture is an
/// error on the tick that meets it.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::prelude::*;
///
/// let mut harness = Harness::new(Transform::new().turn(Turn::Right))?;
/// let mut input = harness.feed(|transform| &mut transform.video);
/// let mut output = harness.probe(|transform| &mut transform.transformed);
///
/// input.send(VideoFrame::from_pixels(PixelFormat::Gray8, 3, 1, [1, 2, 3])?);
/// harness.tick()?;
/// let turned = output.latest().expect("a picture");
/// assert_eq!((turned.dimensions(), turned.pixels()), ((1, 3), &[1, 2, 3][..]));
/// # Ok::<(), streamlib::Error>(())
/// ```
#[actor(new = assemble)]
#[derive(Debug)]
pub struct Transform {
    /// Pictures.
    #[input]
    pub video: Input<VideoFrame>,
    /// The same, transformed.
    #[output]
    pub transformed: Output<VideoFrame>,
    how: Controlled<Transformation>,
    work: Work,
}

/// What is kept from picture to picture.
struct Work(Samples);

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Work")
    }
}

impl Transform {
    /// Does nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::assemble(
            Controlled::new(Transformation::default()),
            Work(Samples::new()),
        )
    }

    /// Leaves `width` × `height` pixels from column `x` and row `y` on.
    #[must_use]
    pub fn crop(self, x: u32, y: u32, width: u32, height: u32) -> Self {
        self.with(|how| {
            how.crop = Some(Crop {
                x,
                y,
                width,
                height,
            })
        })
    }

    /// Left and right change places.
    #[must_use]
    pub fn flip_horizontal(self) -> Self {
        self.with(|how| how.flip_horizontal = true)
    }

    /// Top and bottom change places.
    #[must_use]
    pub fn flip_vertical(self) -> Self {
        self.with(|how| how.flip_vertical = true)
    }

    /// Turns it.
    #[must_use]
    pub fn turn(self, turn: Turn) -> Self {
        self.with(|how| how.turn = turn)
    }

    /// A hold on it, with which it is told something else while it runs.
    #[must_use]
    pub fn control(&self) -> TransformControl {
        TransformControl(self.how.control())
    }

    fn with(self, change: impl FnOnce(&mut Transformation)) -> Self {
        self.how.control().change(change);
        self
    }
}

impl Default for Transform {
    fn default() -> Self {
        Self::new()
    }
}

/// A hold on a [`Transform`] that may run already. Clones hold the same one.
#[derive(Clone, Debug)]
pub struct TransformControl(Control<Transformation>);

impl TransformControl {
    /// Does `how` from the next tick on.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a crop without width or height.
    pub fn set(&self, how: Transformation) -> Result<()> {
        check(&how)?;
        self.0.set(how);
        Ok(())
    }

    /// What was asked for last.
    #[must_use]
    pub fn transformation(&self) -> Transformation {
        self.0.settings()
    }
}

fn check(how: &Transformation) -> Result<()> {
    match how.crop {
        Some(crop) if crop.width == 0 || crop.height == 0 => Err(Error::invalid(
            "crop",
            format_args!("{} × {} pixels", crop.width, crop.height),
            "1 pixel a side, or more",
        )),
        _ => Ok(()),
    }
}

/// What is left of the picture.
fn part_of(frame: &VideoFrame, crop: Option<Crop>) -> Result<Part> {
    let (width, height) = frame.dimensions();
    let whole = Crop {
        x: 0,
        y: 0,
        width,
        height,
    };
    let crop = crop.unwrap_or(whole);
    if crop.x >= width || crop.y >= height {
        return Err(Error::invalid(
            "crop",
            format_args!("from column {} and row {} on", crop.x, crop.y),
            format!("a part of the picture, which is {width} × {height} pixels"),
        ));
    }
    Ok(Part {
        x: crop.x as usize,
        y: crop.y as usize,
        width: crop.width.min(width - crop.x) as usize,
        height: crop.height.min(height - crop.y) as usize,
    })
}

/// How many bytes the samples of each plane have, if no sample needs to be changed.
fn moved_bytes(format: PixelFormat, part: Part, how: &Transformation) -> Option<[usize; 3]> {
    let keeps_order = Transformation { crop: None, ..*how }.is_nothing();
    let even = |value: usize| value.is_multiple_of(2);
    let pairs_stay =
        even(part.x) && even(part.y) && (keeps_order || even(part.width) && even(part.height));
    match format {
        PixelFormat::Rgb8 => Some([3, 0, 0]),
        PixelFormat::Rgba8 | PixelFormat::Bgra8 => Some([4, 0, 0]),
        PixelFormat::Gray8 => Some([1, 0, 0]),
        PixelFormat::I420 if pairs_stay => Some([1, 1, 1]),
        PixelFormat::Nv12 if pairs_stay => Some([1, 2, 0]),
        _ => None,
    }
}

impl Work {
    fn transform(
        &mut self,
        from: &VideoFrame,
        part: Part,
        how: &Transformation,
        to: &mut VideoFrame,
    ) {
        if let Some(bytes) = moved_bytes(from.format(), part, how) {
            let halves = Part {
                x: part.x / 2,
                y: part.y / 2,
                width: part.width.div_ceil(2),
                height: part.height.div_ceil(2),
            };
            let parts = [part, halves, halves];
            let planes = from.planes().zip(to.planes_mut());
            for (((from, mut to), bytes), part) in planes.zip(bytes).zip(parts) {
                let map = Mapping::new(part, how);
                match bytes {
                    1 => bytes::transform::<1>(&map, from, &mut to),
                    2 => bytes::transform::<2>(&map, from, &mut to),
                    3 => bytes::transform::<3>(&map, from, &mut to),
                    _ => bytes::transform::<4>(&map, from, &mut to),
                }
            }
            return;
        }
        let field = |frame: &VideoFrame| Field {
            first: 0,
            step: 1,
            rows: frame.height() as usize,
        };
        let source = Source {
            format: from.format(),
            planes: [0, 1, 2].map(|index| from.plane(index)),
            neutral: 0,
            field: field(from),
        };
        let (format, field) = (to.format(), field(to));
        let mut planes = to.planes_mut();
        let mut target = Target {
            format,
            planes: [planes.next(), planes.next(), planes.next()],
            field,
        };
        let map = Mapping::new(Part { x: 0, y: 0, ..part }, how);
        self.0
            .transform(part, &map, from.width() as usize, &source, &mut target);
    }
}

impl Actor for Transform {
    fn check(&self) -> Result<()> {
        check(&self.control().transformation())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let how = *self.how.get();
        let Some(frame) = self.video.latest() else {
            return Ok(());
        };
        if frame.is_empty() {
            return Ok(());
        }
        if how.is_nothing() {
            self.transformed.send(frame.clone(), tick);
            return Ok(());
        }
        let part = part_of(&frame, how.crop)?;
        let (mut width, mut height) = (part.width as u32, part.height as u32);
        let mut aspect = frame.pixel_aspect();
        if how.turn.is_quarter() {
            (width, height) = (height, width);
            aspect = PixelAspect::new(aspect.height(), aspect.width()).unwrap_or_default();
        }
        let mut out = self.transformed.slot();
        out.reset(frame.format(), width, height)?;
        out.inherit(&frame);
        out.set_colorimetry(frame.colorimetry());
        out.set_pixel_aspect(aspect);
        out.set_field_order(field_order(&frame, part, &how));
        self.work.transform(&frame, part, &how, &mut out);
        out.publish(tick);
        Ok(())
    }

    fn summary(&self) -> String {
        let how = self.control().transformation();
        let mut words = Vec::new();
        if let Some(Crop {
            x,
            y,
            width,
            height,
        }) = how.crop
        {
            words.push(format!("{width}×{height} from {x}, {y} on"));
        }
        words.extend(
            how.flip_horizontal
                .then(|| "flipped horizontally".to_owned()),
        );
        words.extend(how.flip_vertical.then(|| "flipped vertically".to_owned()));
        match how.turn {
            Turn::Not => {}
            Turn::Right => words.push("turned right".to_owned()),
            Turn::Half => words.push("turned by half".to_owned()),
            Turn::Left => words.push("turned left".to_owned()),
        }
        if words.is_empty() {
            "as it is".to_owned()
        } else {
            words.join(", ")
        }
    }
}

/// The first row of the result may be of the other field.
fn field_order(frame: &VideoFrame, part: Part, how: &Transformation) -> FieldOrder {
    if how.turn.is_quarter() {
        return FieldOrder::Progressive;
    }
    let upside_down = how.flip_vertical != (how.turn == Turn::Half);
    let first = if upside_down {
        part.y + part.height - 1
    } else {
        part.y
    };
    match frame.field_order() {
        FieldOrder::TopFirst if first % 2 == 1 => FieldOrder::BottomFirst,
        FieldOrder::BottomFirst if first % 2 == 1 => FieldOrder::TopFirst,
        other => other,
    }
}
