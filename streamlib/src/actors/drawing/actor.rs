//! The actor: runs the user's code on every tick and sends what it draws.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::canvas::Canvas;
use super::control::DrawingControl;
use super::pictures::Pictures;
use crate::actor::{Actor, Clocked, Input, Output};
use crate::actors::dimensions;
use crate::message::{DataMessage, VideoFrame};
use crate::time::{TimedTick, Timestamp};
use crate::{Error, Result, actor};

/// The user's code.
pub(super) type Code<S> = Box<dyn FnMut(&mut Canvas, &mut DrawContext<'_, S>) + Send>;

/// Draws shapes, text and images on a transparent picture, with code that runs on every tick.
///
/// ![A name and a time on a panel over colour bars](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/lower_third.png)
///
/// The picture is Rgba8 with straight alpha, to be laid over video by a [`Compositor`](crate::actors::Compositor).
/// The code begins with an empty picture each time. What it draws is compared with the tick before: a drawing that looks the
/// same is sent again for free, and of one that has changed a little only that little is painted. What stands still
/// allocates nothing. For what changes, the crates that shape text and paint (parley, vello_cpu) allocate some small blocks on
/// the tick, never a picture; the drawing itself uses its memory again.
///
/// ```
/// use streamlib::actor::Harness;
/// use streamlib::actors::drawing::{Color, TextStyle};
/// use streamlib::prelude::*;
///
/// let mut harness = Harness::new(Drawing::new(320, 180, |canvas, ctx| {
///     canvas.fill_rect((0.0, 140.0, 320.0, 40.0), Color::rgb(0, 40, 90));
///     let text = format!("frame {}", ctx.frame_number);
///     canvas.text((10.0, 145.0), &text, &TextStyle::new(24.0).bold());
/// }))?;
/// let mut video = harness.probe(|drawing| &mut drawing.video);
/// harness.tick()?;
/// let picture = video.latest().expect("a picture a tick");
/// assert_eq!(picture.view()[[150, 300, 2]], 90);
/// assert_eq!(picture.pixels()[..4], [0, 0, 0, 0]); // nothing was drawn there
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// Code with a state of its own is made by [`with_state`](Self::with_state); the state comes with the code, from the input
/// `state`, or from the [`control`](Self::control), which also swaps the code while it runs.
///
/// # Errors
///
/// A size of 0 or beyond 16384 a side, and bytes that are no font, are errors when the graph is built.
///
/// Code that panics is counted as a panic of the actor, with its message, and what was sent last is sent again. The next
/// tick runs it again, with the state as the panic left it.
#[actor(new = assemble)]
pub struct Drawing<S: Clone + Send + Sync + 'static = ()> {
    /// Becomes the state of the code when it comes.
    #[input(optional)]
    pub state: Input<DataMessage<S>>,
    /// What is drawn, once a tick.
    #[output]
    pub video: Output<VideoFrame>,
    width: u32,
    height: u32,
    code: Code<S>,
    current: S,
    control: DrawingControl<S>,
    canvas: Canvas,
    /// Made when it starts.
    pictures: Option<Pictures>,
    /// The first of the fonts that is none.
    wrong_font: Option<String>,
}

/// What the code of a [`Drawing`] is told: the second argument.
#[derive(Debug)]
#[non_exhaustive]
pub struct DrawContext<'a, S> {
    /// When the tick is due.
    pub time: Timestamp,
    /// Which tick of its clock it is.
    pub frame_number: u64,
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The code's own.
    pub state: &'a mut S,
}

impl Drawing {
    /// Draws on pictures of `width` × `height` pixels.
    #[must_use]
    pub fn new(
        width: u32,
        height: u32,
        code: impl FnMut(&mut Canvas, &mut DrawContext<'_, ()>) + Send + 'static,
    ) -> Self {
        Self::with_state(width, height, (), code)
    }
}

impl<S: Clone + Send + Sync + 'static> Drawing<S> {
    /// Draws on pictures of `width` × `height` pixels, with a state: [`DrawContext::state`].
    ///
    /// ```
    /// use streamlib::actor::Harness;
    /// use streamlib::actors::drawing::Color;
    /// use streamlib::prelude::*;
    ///
    /// let bar = Drawing::with_state(100, 10, 0.5_f32, |canvas, ctx| {
    ///     canvas.fill_rect((0.0, 0.0, 100.0 * *ctx.state, 10.0), Color::WHITE);
    /// });
    /// let mut harness = Harness::new(bar)?;
    /// let mut level = harness.feed(|bar| &mut bar.state);
    /// let mut video = harness.probe(|bar| &mut bar.video);
    /// level.send(DataMessage::new(0.2));
    /// harness.tick()?;
    /// let picture = video.latest().expect("a picture a tick").clone();
    /// assert_eq!((picture.view()[[5, 19, 3]], picture.view()[[5, 20, 3]]), (255, 0));
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    #[must_use]
    pub fn with_state(
        width: u32,
        height: u32,
        state: S,
        code: impl FnMut(&mut Canvas, &mut DrawContext<'_, S>) + Send + 'static,
    ) -> Self {
        let control = DrawingControl::new();
        let canvas = Canvas::new(width, height);
        Self::assemble(
            width,
            height,
            Box::new(code),
            state,
            control,
            canvas,
            None,
            None,
        )
    }

    /// Has the fonts of a TrueType or OpenType file, under the family names that they say.
    ///
    /// ```no_run
    /// # use streamlib::prelude::*;
    /// # use streamlib::actors::drawing::TextStyle;
    /// let title = Drawing::new(1920, 1080, |canvas, _| {
    ///     canvas.text((100.0, 100.0), "On air", &TextStyle::new(60.0).family("Fira Sans"));
    /// })
    /// .font(std::fs::read("FiraSans-Regular.ttf")?);
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    #[must_use]
    pub fn font(mut self, file: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        if let Err(error) = self.canvas.typesetter.add_font(file) {
            self.wrong_font.get_or_insert(error.to_string());
        }
        self
    }

    /// What changes its code and its state while it runs: take it before the drawing goes into a graph.
    ///
    /// ```
    /// use streamlib::actors::drawing::Color;
    /// use streamlib::prelude::*;
    ///
    /// # #[streamlib::main]
    /// # async fn main() -> Result<()> {
    /// let clock = VirtualClock::fps(50);
    /// let title = Drawing::new(64, 36, |canvas, _| canvas.background(Color::BLACK));
    /// let control = title.control();
    /// let show = pipeline! {
    ///     clock house = clock.clone();
    ///     title = title @ house;
    ///     title >> Null::new();
    /// }?;
    /// clock.advance(10).await?;
    /// control.draw_with(|canvas, _| canvas.background(Color::WHITE));
    /// clock.advance(10).await?; // white from the first of them on
    /// show.stop().await
    /// # }
    /// ```
    #[must_use]
    pub fn control(&self) -> DrawingControl<S> {
        self.control.clone()
    }
}

/// The settings of [`Drawing`], once it has a clock.
impl<S: Clone + Send + Sync + 'static> Clocked<Drawing<S>> {
    /// As [`Drawing::font`].
    #[must_use]
    pub fn font(self, file: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        self.map(|drawing| drawing.font(file))
    }
}

impl<S: Clone + Send + Sync + 'static> Actor for Drawing<S> {
    fn check(&self) -> Result<()> {
        dimensions::check(self.width, self.height)?;
        match &self.wrong_font {
            Some(message) => Err(Error::from(message.clone())),
            None => Ok(()),
        }
    }

    async fn on_start(&mut self) -> Result<()> {
        self.check()?;
        if self.pictures.is_none() {
            self.pictures = Some(Pictures::new(self.width, self.height)?);
        }
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let Some(pictures) = &mut self.pictures else {
            return Ok(());
        };
        self.control.take_over(&mut self.code, &mut self.current);
        if let Some(state) = self.state.next() {
            self.current.clone_from(&state);
        }
        let mut ctx = DrawContext {
            time: tick.timestamp,
            frame_number: tick.frame_number,
            width: self.width,
            height: self.height,
            state: &mut self.current,
        };
        let (canvas, code) = (&mut self.canvas, &mut self.code);
        canvas.begin();
        // The canvas is cleared before it is used again; the state is the code's own business.
        let drawn = catch_unwind(AssertUnwindSafe(|| code(canvas, &mut ctx)));
        let painted = match drawn {
            Ok(()) => {
                let paint = || pictures.paint(&mut self.canvas.list);
                catch_unwind(AssertUnwindSafe(paint)).inspect_err(|_| pictures.start_over())
            }
            Err(panic) => Err(panic),
        };
        self.video.send(pictures.last(), tick);
        match painted {
            Ok(painted) => painted,
            // Who runs the actor counts it, and goes on as `on_error` says.
            Err(panic) => resume_unwind(panic),
        }
    }

    fn summary(&self) -> String {
        format!("draws {}×{} Rgba8", self.width, self.height)
    }
}

impl<S: Clone + Send + Sync + 'static> fmt::Debug for Drawing<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drawing")
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}
