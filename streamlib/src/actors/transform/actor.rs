//! The actor: sends what it is fed, cropped, flipped and turned.

use super::work::{Work, field_order, part_of};
use super::{Transformation, Turn};
use crate::actor::{Actor, Control, Controlled, Input, Output};
use crate::actors::Crop;
use crate::actors::kept::Kept;
use crate::message::{PixelAspect, VideoFrame};
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// Sends every picture cropped, then flipped, then turned; while nothing is to be done, the picture itself without a copy.
/// A picture that comes again, as that of a source that stands still, is not worked on again: what was made of it is sent once
/// more, for free.
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
    /// What was made of the last picture, and how.
    kept: Kept,
    made: Transformation,
}

impl Transform {
    /// Does nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let how = Transformation::default();
        Self::assemble(Controlled::new(how), Work::new(), Kept::default(), how)
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
            self.kept.forget();
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
        if self.made != how {
            self.made = how;
            self.kept.forget();
        }
        self.kept
            .send(&frame, &mut self.transformed, tick, |ready| {
                ready.reset(frame.format(), width, height)?;
                ready.inherit(&frame);
                ready.set_colorimetry(frame.colorimetry());
                ready.set_pixel_aspect(aspect);
                ready.set_field_order(field_order(&frame, part, &how));
                self.work.transform(&frame, part, &how, ready);
                Ok(())
            })
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
