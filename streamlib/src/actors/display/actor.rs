//! The actor: hands pictures over to the screen's thread, and publishes what comes back.

use std::fmt;

use super::counts::DisplayCounts;
use super::fit::Scaling;
use super::screen::{Screen, Settings, say};
use crate::actor::{Actor, Input, Output};
use crate::actors::dimensions;
use crate::message::{KeyEvent, MouseEvent, MouseEventKind, VideoFrame};
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// Shows video in a window; without a display server in the terminal; without a terminal either it
/// counts frames and says a line a second on standard error.
///
/// ![Colour bars in a window](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/display.png)
///
/// The window is as large as the first picture, or as the screen allows; it can be resized, and the
/// picture keeps its shape, also where its pixels are not square, and is scaled smoothly. All formats are shown. These keys do
/// something in it, unless [`shortcuts`](Self::shortcuts) are switched off:
///
/// | key | what it does |
/// | --- | --- |
/// | Esc | closes the window, as its own button does, which ends the actor |
/// | F, F11 | fullscreen, and back |
/// | S | the next [`Scaling`]: all of the picture, all of the window, pixel for pixel |
/// | I | rate, size, drops and latency in a corner, and off again; see [`counts`](Self::counts) |
/// | P | writes what the window shows into a PNG file (feature `images`) |
///
/// Each key that goes down or up is a [`KeyEvent`] on `keys`, those above included, and the mouse over
/// the window makes [`MouseEvent`]s, in the picture's pixels, on `mouse`. One event of each is
/// published a tick, so that a reader of the latest misses none; moves that follow each other become
/// one. No tap and no click is lost, however short. The terminal gives neither keys nor mouse.
///
/// The newest picture is shown, and nothing is on a tick without one. The window has a thread of its
/// own, so a slow screen never holds up the graph: what it has no time for is dropped, and counted. A picture whose
/// pixels are the ones shown already (a still, sent again) costs nothing. Each display of a program has its own
/// window.
///
/// The window needs an X server (or XWayland), and no library: it speaks to the server itself. A server on the same
/// machine reads the pixels where they were painted. Where there is none, the terminal is used.
///
/// ```no_run
/// use streamlib::prelude::*;
///
/// # async fn show() -> Result<()> {
/// let bars = TestPattern::new(Pattern::SmpteBars).fps(60);
/// let display = Display::new("bars").size(1280, 720);
/// let show = pipeline! { bars >> display }?;
/// show.run().await
/// # }
/// ```
#[actor(new = assemble)]
pub struct Display {
    /// The pictures that are shown.
    #[input]
    pub video: Input<VideoFrame>,
    /// Keys that went down or up while the window had the keyboard.
    #[output]
    pub keys: Output<KeyEvent>,
    /// What the mouse did over the window, in the picture's pixels.
    #[output]
    pub mouse: Output<MouseEvent>,
    settings: Settings,
    counts: DisplayCounts,
    screen: Option<Screen>,
    next_mouse: Option<MouseEvent>,
}

impl Display {
    /// A display whose window is called `title`.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        let settings = Settings {
            title: title.into(),
            size: None,
            fullscreen: false,
            scaling: Scaling::default(),
            overlay: false,
            shortcuts: true,
            #[cfg(feature = "images")]
            snapshots: std::path::PathBuf::new(),
        };
        Self::assemble(settings, DisplayCounts::default(), None, None)
    }

    /// Gives the window this width and height in pixels, 1 to 16384 each. Anything else is an error
    /// when the graph is built.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.settings.size = Some((width, height));
        self
    }

    /// Opens the window fullscreen, or not (the default).
    #[must_use]
    pub fn fullscreen(mut self, fullscreen: bool) -> Self {
        self.settings.fullscreen = fullscreen;
        self
    }

    /// Lays the picture into the window in this way; [`Scaling::Fit`] is the default.
    #[must_use]
    pub fn scaling(mut self, scaling: Scaling) -> Self {
        self.settings.scaling = scaling;
        self
    }

    /// Begins with rate, size, drops and latency in a corner, or without (the default).
    #[must_use]
    pub fn overlay(mut self, overlay: bool) -> Self {
        self.settings.overlay = overlay;
        self
    }

    /// Whether keys do something in the window (the default), or are `keys` of the graph and nothing else: where Esc must not
    /// end a programme that is on air. The window's own button closes it in any case.
    #[must_use]
    pub fn shortcuts(mut self, shortcuts: bool) -> Self {
        self.settings.shortcuts = shortcuts;
        self
    }

    /// The folder for the files that P writes, in place of the one in which the program runs. They are called by
    /// the window's title and the number of the frame: `bars-000060.png`.
    #[cfg(feature = "images")]
    #[must_use]
    pub fn snapshots(mut self, folder: impl Into<std::path::PathBuf>) -> Self {
        self.settings.snapshots = folder.into();
        self
    }

    /// What is counted about this display, to be read while it runs and after.
    #[must_use]
    pub fn counts(&self) -> DisplayCounts {
        self.counts.clone()
    }

    fn publish_mouse(&mut self, screen: &Screen, tick: TimedTick) {
        let Some(mut event) = self.next_mouse.take().or_else(|| screen.next_mouse()) else {
            return;
        };
        while event.kind == MouseEventKind::Move {
            match screen.next_mouse() {
                Some(next) if next.kind == MouseEventKind::Move => event = next,
                other => {
                    self.next_mouse = other;
                    break;
                }
            }
        }
        self.mouse.send(event, tick);
    }
}

impl Actor for Display {
    fn check(&self) -> Result<()> {
        if self.settings.title.contains('\0') {
            return Err(Error::invalid(
                "title",
                format_args!("{:?}", self.settings.title),
                "text without a NUL character",
            ));
        }
        match self.settings.size {
            Some((width, height)) => dimensions::check(width, height),
            None => Ok(()),
        }
    }

    async fn on_start(&mut self) -> Result<()> {
        self.check()?;
        self.screen = Some(Screen::open(self.settings.clone(), self.counts())?);
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let Some(screen) = self.screen.take() else {
            return Err(Error::EndOfStream);
        };
        if let Some(frame) = self.video.next() {
            screen.show(frame.clone());
        }
        self.counts.set_overwritten(self.video.overwritten());
        // Asked before the events are taken: what came before the end is then among them.
        let ended = screen.has_ended();
        let mut key = screen.next_key();
        while let Some(event) = key {
            self.keys.send(event, tick);
            // There is no later tick for those that wait when the window has gone.
            key = if ended { screen.next_key() } else { None };
        }
        self.publish_mouse(&screen, tick);
        if !ended {
            self.screen = Some(screen);
            return Ok(());
        }
        if screen.has_lost_server() {
            say(format_args!(
                "the display server has gone, and the window with it"
            ));
        }
        Err(Error::EndOfStream)
    }

    async fn on_stop(&mut self) -> Result<()> {
        self.screen = None;
        Ok(())
    }

    fn summary(&self) -> String {
        match &self.screen {
            Some(screen) => format!("shows “{}” {}", self.settings.title, screen.place()),
            None => String::new(),
        }
    }
}

impl fmt::Debug for Display {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Display")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
