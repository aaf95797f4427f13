//! The actor: sends what it is fed with its colours corrected.

use std::array;
use std::sync::Arc;

use super::grade::Worked;
use super::{Grade, Lut3d};
use crate::actor::{Actor, Control, Controlled, Input, Output};
use crate::actors::Converter;
use crate::actors::convert::rgb_in::Order;
use crate::actors::kept::Kept;
use crate::message::{PixelFormat, VideoFrame};
use crate::time::TimedTick;
use crate::{Result, actor};

/// Sends every picture with its colours corrected by a [`Grade`]: lift, gamma and gain, and a 3-D table; while that does
/// nothing, the picture itself without a copy. A picture that comes again, as that of a source that stands still, is not
/// worked on again: what was made of it is sent once more, for free.
///
/// ![Colour bars in warm light](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/color_correct.png)
///
/// Levels are right to 0.6 of a code in Rgb8, Rgba8 and Bgra8; alpha stays. A picture of another format is converted to
/// Rgba8 and back, so that one of 10 bits has 8 on the way.
///
/// # Errors
/// A grade that cannot be, as one with a gamma of 0, is an error when the graph is built.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::prelude::*;
///
/// let mut harness = Harness::new(ColorCorrect::new().gain([1.0, 0.5, 2.0]))?;
/// let mut input = harness.feed(|correct| &mut correct.video);
/// let mut output = harness.probe(|correct| &mut correct.corrected);
///
/// input.send(VideoFrame::from_pixels(PixelFormat::Rgb8, 1, 1, [100, 100, 100])?);
/// harness.tick()?;
/// assert_eq!(output.latest().expect("a picture").pixels(), [100, 50, 200]);
/// # Ok::<(), streamlib::Error>(())
/// ```
#[actor(new = assemble)]
#[derive(Debug)]
pub struct ColorCorrect {
    /// Pictures.
    #[input]
    pub video: Input<VideoFrame>,
    /// The same, corrected.
    #[output]
    pub corrected: Output<VideoFrame>,
    grade: Controlled<Grade>,
    /// The grade of now, worked out.
    worked: Box<Worked>,
    begun: bool,
    converter: Converter,
    rgba: VideoFrame,
    kept: Kept,
}

impl ColorCorrect {
    /// Does nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let grade = Controlled::new(Grade::default());
        let (worked, converter) = (Worked::new(), Converter::new());
        let (rgba, kept) = (VideoFrame::default(), Kept::default());
        Self::assemble(grade, worked, false, converter, rgba, kept)
    }

    /// Lifts red, green and blue: moves black.
    #[must_use]
    pub fn lift(self, lift: [f32; 3]) -> Self {
        self.with(|grade| grade.lift = lift)
    }

    /// Sets the gamma of red, green and blue: moves what is between black and white.
    #[must_use]
    pub fn gamma(self, gamma: [f32; 3]) -> Self {
        self.with(|grade| grade.gamma = gamma)
    }

    /// Sets the gain of red, green and blue: moves white.
    #[must_use]
    pub fn gain(self, gain: [f32; 3]) -> Self {
        self.with(|grade| grade.gain = gain)
    }

    /// Puts colours through a table, after lift, gamma and gain.
    #[must_use]
    pub fn lut(self, lut: impl Into<Arc<Lut3d>>) -> Self {
        let lut = lut.into();
        self.with(|grade| grade.lut = Some(lut))
    }

    /// A hold on it, with which it is told something else while it runs.
    #[must_use]
    pub fn control(&self) -> ColorCorrectControl {
        ColorCorrectControl(self.grade.control())
    }

    fn with(self, change: impl FnOnce(&mut Grade)) -> Self {
        self.grade.control().change(change);
        self
    }
}

impl Default for ColorCorrect {
    fn default() -> Self {
        Self::new()
    }
}

/// A hold on a [`ColorCorrect`] that may run already. Clones hold the same one.
#[derive(Clone, Debug)]
pub struct ColorCorrectControl(Control<Grade>);

impl ColorCorrectControl {
    /// Corrects by `grade` from the next tick on.
    ///
    /// # Errors
    /// As [`Grade::check`].
    pub fn set(&self, grade: Grade) -> Result<()> {
        grade.check()?;
        self.0.set(grade);
        Ok(())
    }

    /// Changes the grade that was asked for last, from the next tick on.
    ///
    /// ```
    /// use streamlib::prelude::*;
    ///
    /// let control = ColorCorrect::new().lift([0.1; 3]).control();
    /// control.change(|grade| grade.gamma = [1.2; 3])?;
    /// assert_eq!(control.grade().lift, [0.1; 3]);
    /// assert!(control.change(|grade| grade.gamma = [0.0; 3]).is_err()); // and nothing is changed
    /// assert_eq!(control.grade().gamma, [1.2; 3]);
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Grade::check`]; the grade is then as it was.
    pub fn change(&self, change: impl FnOnce(&mut Grade)) -> Result<()> {
        self.0.try_change(|grade| {
            change(grade);
            grade.check()
        })
    }

    /// What was asked for last.
    #[must_use]
    pub fn grade(&self) -> Grade {
        self.0.settings()
    }
}

/// Corrects a picture of red, green and blue in place.
fn correct(worked: &Worked, lut: Option<&Lut3d>, order: Order, frame: &mut VideoFrame) {
    for row in frame.rows_mut() {
        match order.step {
            3 => worked.correct::<3>(lut, order.rgb, row),
            _ => worked.correct::<4>(lut, order.rgb, row),
        }
    }
}

impl Actor for ColorCorrect {
    fn check(&self) -> Result<()> {
        self.control().grade().check()
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let is_new = self.grade.changed().is_some() || !self.begun;
        let grade = self.grade.get();
        if is_new {
            self.begun = true;
            self.kept.forget();
            self.worked.work_out(grade);
        }
        let Some(frame) = self.video.latest() else {
            return Ok(());
        };
        if grade.is_nothing() || frame.is_empty() {
            self.kept.forget();
            self.corrected.send(frame.clone(), tick);
            return Ok(());
        }
        let (worked, lut) = (&*self.worked, grade.lut.as_deref());
        let (width, height) = frame.dimensions();
        self.kept.send(&frame, &mut self.corrected, tick, |ready| {
            if let Some(order) = Order::of(frame.format()) {
                ready.copy_from(&frame)?;
                correct(worked, lut, order, ready);
                return Ok(());
            }
            self.rgba.reset(PixelFormat::Rgba8, width, height)?;
            self.converter.convert(&frame, &mut self.rgba)?;
            let rgba = Order {
                step: 4,
                rgb: array::from_fn(|index| index),
            };
            correct(worked, lut, rgba, &mut self.rgba);
            ready.reset(frame.format(), width, height)?;
            ready.set_colorimetry(frame.colorimetry());
            self.converter.convert(&self.rgba, ready)
        })
    }

    fn summary(&self) -> String {
        let Grade {
            lift,
            gamma,
            gain,
            lut,
        } = self.control().grade();
        let mut text = format!("lift {lift:?}, gamma {gamma:?}, gain {gain:?}");
        if let Some(lut) = lut {
            text.push_str(&format!(", a table of {0}×{0}×{0}", lut.size()));
        }
        text
    }
}
